import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakeProcess {
  readonly name?: string;
  readonly ticks?: number;
  readonly threads?: number;
  readonly started?: number;
  readonly pages?: number;
  readonly read?: number;
  readonly written?: number;
  readonly uid?: number;
  readonly cgroup?: string;
  readonly flags?: number;
  /** May not be read. */
  readonly isPrivate?: boolean;
}

/** Folders like /proc and /etc, with processes by pid. */
export class FakeProc {
  readonly root = mkdtempSync(join(tmpdir(), 'healthd-processes-'));
  readonly proc = join(this.root, 'proc');
  readonly etc = join(this.root, 'etc');
  #now = new Map<number, FakeProcess>();
  #reads = 0;

  constructor() {
    mkdirSync(this.proc);
    mkdirSync(this.etc);
    writeFileSync(join(this.proc, 'uptime'), '1 1');
    mkdirSync(join(this.proc, 'sys'));
    writeFileSync(join(this.etc, 'passwd'), 'root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/:/bin/false\n');
  }

  /** Changes what is given, and counts as having run. */
  put(pid: number, change: FakeProcess): void {
    this.#reads += 1;
    const process = { ...this.#now.get(pid), ...change };
    this.#now.set(pid, process);
    const {
      name = 'some',
      ticks = 0,
      threads = 1,
      started = 100,
      pages = 10,
      uid = 0,
      cgroup = '/',
      flags = 0,
    } = process;
    const { read = 0, written = 0, isPrivate = false } = process;
    const folder = join(this.proc, String(pid));
    mkdirSync(folder, { recursive: true });
    const rest = `S 1 1 1 0 -1 ${flags} 0 0 0 0 ${ticks} 0 0 0 20 0 ${threads} 0 ${started} 1000 ${pages} 0 0 0`;
    writeFileSync(join(folder, 'stat'), `${pid} (${name}) ${rest}\n`);
    writeFileSync(join(folder, 'schedstat'), `${ticks * 10_000_000 + this.#reads} 0 1\n`);
    writeFileSync(join(folder, 'status'), `Name:\t${name}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`);
    writeFileSync(join(folder, 'cgroup'), `0::${cgroup}\n`);
    if (!isPrivate) writeFileSync(join(folder, 'io'), `rchar: 9\nread_bytes: ${read}\nwrite_bytes: ${written}\n`);
  }

  /** A process of this machine. */
  link(pid: number): void {
    symlinkSync(`/proc/${pid}`, join(this.proc, String(pid)));
  }

  end(pid: number): void {
    this.#now.delete(pid);
    rmSync(join(this.proc, String(pid)), { recursive: true });
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}
