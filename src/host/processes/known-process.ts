/**
 * A process between two captures. Most processes of a host sleep, and /proc/[pid]/stat is dear: to find out that one has not
 * run, a file is kept open that changes whenever it runs. Of a process with one thread that is `schedstat` (time on a CPU in
 * ns), which costs a fifth; of others, whose `schedstat` is that of the first thread only, `stat` itself.
 */
import { closeSync } from 'node:fs';

import type { ProcFiles } from './proc-files.ts';
import { parseStat, type ProcessStat } from './process-stat.ts';

/** Bytes from and to storage since its start. */
export interface Transferred {
  readonly read: number;
  readonly written: number;
}

export class KnownProcess {
  readonly pid: number;
  stat: ProcessStat;
  /** Undefined if the agent may not see it. */
  transferred: Transferred | undefined;
  /** When it was last looked at, by the clock's `elapsed`, ms. */
  checkedAt: number;
  readonly #folder: string;
  readonly #files: ProcFiles;
  #watched: { readonly descriptor: number; readonly isStat: boolean } | undefined;
  /** What the watched file said. */
  #last: Buffer | undefined;

  private constructor(files: ProcFiles, folder: string, pid: number, stat: ProcessStat, at: number) {
    this.#files = files;
    this.#folder = folder;
    this.pid = pid;
    this.stat = stat;
    this.checkedAt = at;
    this.transferred = this.#readTransferred();
  }

  /** @returns undefined if it has ended or is hidden */
  static read(files: ProcFiles, folder: string, pid: number, at: number): KnownProcess | undefined {
    const stat = parseStat(files.read(`${folder}/stat`) ?? '');
    return stat && new KnownProcess(files, folder, pid, stat, at);
  }

  get isWatched(): boolean {
    return this.#watched !== undefined;
  }

  /**
   * Keeps a file open, so that the process is only read when it has run.
   *
   * @returns false if that cannot be: a kernel without schedstat, or no descriptors are left
   */
  watch(): boolean {
    const isStat = this.stat.threads > 1;
    const descriptor = this.#files.open(`${this.#folder}/${isStat ? 'stat' : 'schedstat'}`);
    if (descriptor === undefined) return false;
    this.#watched = { descriptor, isStat };
    this.#last = undefined;
    return true;
  }

  /**
   * @param isDue reads it also if it has not run: its memory may have been swapped out
   * @returns false if it has ended
   */
  update(isDue: boolean): boolean {
    const stat = this.#readIfChanged(isDue);
    if (stat === 'ended' || (stat !== undefined && stat.started !== this.stat.started)) return false;
    if (stat === undefined) return true;
    if (this.transferred !== undefined) this.transferred = this.#readTransferred();
    if (stat.threads > 1 !== this.#watched?.isStat) this.unwatch();
    this.stat = stat;
    return true;
  }

  unwatch(): void {
    if (this.#watched === undefined) return;
    closeSync(this.#watched.descriptor);
    this.#watched = undefined;
  }

  #readIfChanged(isDue: boolean): ProcessStat | 'ended' | undefined {
    if (this.#watched !== undefined) {
      const text = this.#files.readAgain(this.#watched.descriptor);
      if (text === undefined) return 'ended';
      if (!isDue && this.#last?.equals(text) === true) return undefined;
      this.#last = Buffer.from(text);
      if (this.#watched.isStat) return parseStat(text.toString('utf8')) ?? 'ended';
    }
    return parseStat(this.#files.read(`${this.#folder}/stat`) ?? '') ?? 'ended';
  }

  #readTransferred(): Transferred | undefined {
    const text = this.#files.read(`${this.#folder}/io`);
    return text === undefined ? undefined : parseIo(text);
  }
}

/** `read_bytes` and `write_bytes` of /proc/[pid]/io: what really came from storage or goes there. Format: proc(5). */
export function parseIo(text: string): Transferred | undefined {
  const [, read] = /^read_bytes: (\d+)$/m.exec(text) ?? [];
  const [, written] = /^write_bytes: (\d+)$/m.exec(text) ?? [];
  return read === undefined || written === undefined ? undefined : { read: Number(read), written: Number(written) };
}
