/** Whose a process is: its user, and its unit or container. Read only for processes of a frame, and kept for a minute. */
import { unitOf, type NameContainer } from './cgroup.ts';
import type { KnownProcess } from './known-process.ts';
import type { ProcFiles } from './proc-files.ts';
import type { UserNames } from './user-names.ts';

export interface Owner {
  readonly user: string;
  readonly unit: string;
}

/** A daemon gives up its privileges and a login is moved into its session after the start. ms */
const FRESH_MS = 60_000;
/** More than a minute of frames can name. */
const MOST = 1000;

export class Owners {
  readonly #proc: string;
  readonly #files: ProcFiles;
  readonly #users: UserNames;
  readonly #nameOf: NameContainer | undefined;
  readonly #known = new Map<number, Owner & { readonly started: number; readonly readAt: number }>();

  constructor(proc: string, files: ProcFiles, users: UserNames, nameOf: NameContainer | undefined) {
    this.#proc = proc;
    this.#files = files;
    this.#users = users;
    this.#nameOf = nameOf;
  }

  /** @param at by the clock's `elapsed`, ms */
  ownerOf({ pid, stat }: KnownProcess, at: number): Owner {
    const known = this.#known.get(pid);
    if (known?.started === stat.started && at - known.readAt < FRESH_MS) return known;
    if (this.#known.size >= MOST) this.#known.clear();
    const read = { ...this.#read(pid, stat.isKernel), started: stat.started, readAt: at };
    this.#known.set(pid, read);
    return read;
  }

  #read(pid: number, isKernel: boolean): Owner {
    const status = this.#files.read(`${this.#proc}/${pid}/status`) ?? '';
    const [, uid] = /^Uid:\s+\d+\s+(\d+)/m.exec(status) ?? [];
    const user = uid === undefined ? '' : this.#users.nameOf(Number(uid));
    if (isKernel) return { user, unit: 'kernel' };
    return { user, unit: unitOf(this.#files.read(`${this.#proc}/${pid}/cgroup`) ?? '', this.#nameOf) };
  }
}
