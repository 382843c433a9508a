/**
 * A process between two captures. Most processes of a host sleep, and opening and reading /proc/[pid]/stat is dear: to find out
 * that one has not run, a file is kept open that changes whenever it runs. Of a process with one thread that sleeps now and
 * then it is `schedstat` (time on a CPU in ns), which costs least; of others `stat` itself: with more threads `schedstat` is that
 * of the first one only.
 */
import { closeSync } from 'node:fs';

import type { ProcFiles } from './proc-files.ts';
import { parseStat, type ProcessStat } from './process-stat.ts';

/** Bytes from and to storage since its start. */
export interface Transferred {
  readonly read: number;
  readonly written: number;
}

/** One that has run at so many looks more than not is busy, until it has not run at as many. */
const BUSY = 3;
/** One that has not run at so many looks in a row sleeps. */
const ASLEEP = 6;

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
  /** Of `io`, while it is busy. */
  #io: number | undefined;
  /** What the watched file said. */
  #last: Buffer | undefined;
  /** 0 to `BUSY`. */
  #activity = 0;
  #idleLooks = 0;

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

  get isAsleep(): boolean {
    return this.#idleLooks >= ASLEEP;
  }

  /**
   * Keeps a file open, so that the process is only read when it has run.
   *
   * @returns false if that cannot be: a kernel without schedstat, or no descriptors are left
   */
  watch(): boolean {
    const isStat = this.#isStatCheaper;
    const descriptor = this.#files.open(`${this.#folder}/${isStat ? 'stat' : 'schedstat'}`);
    if (descriptor === undefined) return false;
    this.#watched = { descriptor, isStat };
    this.#last = undefined;
    if (this.#activity > 0 && this.transferred !== undefined) this.#io = this.#files.open(`${this.#folder}/io`);
    return true;
  }

  /**
   * @param isDue reads it also if it has not run: its memory may have been swapped out
   * @returns false if it has ended
   */
  update(isDue: boolean): boolean {
    const stat = this.#readIfChanged(isDue);
    if (stat === 'ended' || (stat !== undefined && stat.started !== this.stat.started)) return false;
    const hasRun = stat !== undefined && (!isDue || stat.ticks !== this.stat.ticks);
    this.#activity = hasRun ? Math.min(BUSY, this.#activity + 1) : Math.max(0, this.#activity - 1);
    this.#idleLooks = hasRun ? 0 : this.#idleLooks + 1;
    if (stat !== undefined) {
      if (this.transferred !== undefined) this.transferred = this.#readTransferred();
      this.stat = stat;
    }
    if (this.#watched !== undefined && this.#watched.isStat !== this.#isStatCheaper) this.unwatch();
    return true;
  }

  unwatch(): void {
    if (this.#watched !== undefined) closeSync(this.#watched.descriptor);
    if (this.#io !== undefined) closeSync(this.#io);
    this.#watched = undefined;
    this.#io = undefined;
  }

  get #isStatCheaper(): boolean {
    if (this.stat.threads > 1 || this.#activity === BUSY) return true;
    return this.#watched?.isStat === true && this.#activity > 0;
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
    const text =
      this.#io === undefined
        ? this.#files.read(`${this.#folder}/io`)
        : this.#files.readAgain(this.#io)?.toString('utf8');
    return text === undefined ? undefined : parseIo(text);
  }
}

/** `read_bytes` and `write_bytes` of /proc/[pid]/io: what really came from storage or goes there. Format: proc(5). */
export function parseIo(text: string): Transferred | undefined {
  const [, read] = /^read_bytes: (\d+)$/m.exec(text) ?? [];
  const [, written] = /^write_bytes: (\d+)$/m.exec(text) ?? [];
  return read === undefined || written === undefined ? undefined : { read: Number(read), written: Number(written) };
}
