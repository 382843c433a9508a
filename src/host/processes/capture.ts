/** Captures frames of processes. Linux only; needs no privileges, but sees the transfers of other users' processes only as root. */
import type { Clock } from '../../core/clock.ts';
import { atOnce, inTurns } from '../../core/turns.ts';
import { BusyTime } from './busy-time.ts';
import type { NameContainer } from './cgroup.ts';
import type { ProcessFrame, ProcessUse } from './frame.ts';
import { descriptorLimit } from './descriptor-limit.ts';
import { KnownProcess } from './known-process.ts';
import { Owners } from './owners.ts';
import { pageSize } from './page-size.ts';
import { listPids, ProcFiles } from './proc-files.ts';
import { MS_PER_TICK } from './process-stat.ts';
import { TOP, topOf, type Usage } from './top.ts';
import { UserNames } from './user-names.ts';

export interface ProcessCaptureOptions {
  /** Folder of the process file system, and that of `passwd`. */
  readonly proc: string;
  readonly etc: string;
  readonly clock: Pick<Clock, 'now' | 'elapsed'>;
  readonly nameContainer?: NameContainer;
  /** Maximum processes looked at in a capture, default 2000. Of more, those of the last frame, and others by turns. */
  readonly most?: number;
  /** How many of each figure make a frame, default 10. */
  readonly top?: number | undefined;
}

const MAX_PROCESSES = 2000;
/** Maximum processes whose files are kept open, two for each; others are read each time. */
const MAX_WATCHED = 512;
/** Descriptors left to everything else. */
const SPARE_DESCRIPTORS = 512;
/** Every so many captures a process is read even if it has not run. */
const DUE = 32;
/** A process that sleeps is looked at every so many captures, or when others do not explain the use of the CPUs. */
const SLEEPERS_TURN = 4;
/** Share of one core that nobody explains. */
const UNEXPLAINED = 0.1;
/** Longest time that a slice takes, ms. */
const SLICE_MS = 1;

interface Used extends Usage {
  /** Of CPU time since the look before. */
  readonly ticks: number;
  readonly process: KnownProcess;
}

export class ProcessCapture {
  readonly #options: ProcessCaptureOptions;
  readonly #files = new ProcFiles();
  readonly #users: UserNames;
  readonly #owners: Owners;
  readonly #busy: BusyTime;
  readonly #pageBytes = pageSize();
  readonly #known = new Map<number, KnownProcess>();
  readonly #maxWatched = Math.min(MAX_WATCHED, Math.floor((descriptorLimit() - SPARE_DESCRIPTORS) / 4));
  #watched = 0;
  #captures = 0;
  /** Where the turn of those beyond the maximum begins. */
  #turn = 0;
  /** Of the previous capture: the time by `elapsed`, the latest start of a process, and the pids of its frame. */
  #previous: { readonly at: number; readonly newest: number; readonly top: readonly number[] } | undefined;

  constructor(options: ProcessCaptureOptions) {
    this.#options = options;
    this.#users = new UserNames(options.etc);
    this.#owners = new Owners(options.proc, this.#files, this.#users, options.nameContainer);
    this.#busy = new BusyTime(options.proc, this.#files);
  }

  /** At once. @returns undefined for the first one, since rates need a span of time; and where there is no procfs */
  capture(): ProcessFrame | undefined {
    return atOnce(this.#steps());
  }

  /** The same in slices of a millisecond. Not to be called again before it has ended. @throws the signal's reason */
  captureInSlices(signal: AbortSignal): Promise<ProcessFrame | undefined> {
    return inTurns(this.#steps(), signal);
  }

  /** Closes all files. The next capture is a first one. */
  close(): void {
    for (const process of this.#known.values()) process.unwatch();
    this.#known.clear();
    this.#watched = 0;
    this.#previous = undefined;
  }

  *#steps(): Generator<undefined, ProcessFrame | undefined> {
    const { proc, clock, top: most = TOP } = this.#options;
    const pids = listPids(proc);
    this.#forgetEnded(pids);
    this.#captures += 1;
    const start = clock.elapsed();
    const busyMs = this.#busy.next();
    const before = this.#previous;
    const all = this.#chosen(pids);
    const asleep = all.filter((pid) => this.#isLeftOut(pid));
    const left = new Set(asleep);
    const used: Used[] = [];
    yield* this.#look(
      all.filter((pid) => !left.has(pid)),
      used,
    );
    const explainedMs = used.reduce((sum, { ticks }) => sum + ticks, 0) * MS_PER_TICK;
    if (busyMs - explainedMs > (start - (before?.at ?? start)) * UNEXPLAINED) yield* this.#look(asleep, used);
    else for (const pid of asleep) used.push(...this.#sleeper(pid, start));
    yield undefined;
    const top = topOf(used, most);
    const newest = used.reduce((latest, { process }) => Math.max(latest, process.stat.started), 0);
    this.#previous = { at: start, newest, top: top.map(({ process }) => process.pid) };
    return before === undefined || used.length === 0 ? undefined : this.#frame(pids.length, top);
  }

  /** In slices. */
  *#look(pids: readonly number[], used: Used[]): Generator<undefined, void> {
    const { clock } = this.#options;
    let sliceEnd = clock.elapsed() + SLICE_MS;
    for (const pid of pids) {
      if (clock.elapsed() >= sliceEnd) {
        yield undefined;
        sliceEnd = clock.elapsed() + SLICE_MS;
      }
      const use = this.#use(pid);
      if (use !== undefined) used.push(use);
    }
  }

  #isLeftOut(pid: number): boolean {
    return (pid + this.#captures) % SLEEPERS_TURN !== 0 && this.#known.get(pid)?.isAsleep === true;
  }

  /** As it was: it has used nothing since. */
  #sleeper(pid: number, at: number): readonly Used[] {
    const process = this.#known.get(pid);
    if (process === undefined) return [];
    process.checkedAt = at;
    const { stat, transferred } = process;
    return [this.#rates(process, { ticks: stat.ticks, ...transferred }, 1)];
  }

  #frame(total: number, top: readonly Used[]): ProcessFrame {
    const { clock } = this.#options;
    this.#users.refresh();
    const at = clock.elapsed();
    const processes = top.map(({ process, cpu, memory, read, written }): ProcessUse => {
      const { user, unit } = this.#owners.ownerOf(process, at);
      return { pid: process.pid, name: process.stat.name, user, unit, cpu, memory, read, written };
    });
    return { at: Math.round(clock.now()), total, processes };
  }

  #chosen(pids: readonly number[]): readonly number[] {
    const { most = MAX_PROCESSES } = this.#options;
    if (pids.length <= most) return pids;
    const first = new Set((this.#previous?.top ?? []).filter((pid) => this.#known.has(pid)));
    this.#turn %= pids.length;
    for (let index = 0; index < pids.length && first.size < most; index += 1) {
      first.add(pids[this.#turn] ?? 1);
      this.#turn = (this.#turn + 1) % pids.length;
    }
    return [...first];
  }

  #use(pid: number): Used | undefined {
    const at = this.#options.clock.elapsed();
    const process = this.#known.get(pid);
    if (process === undefined) return this.#discover(pid, at);
    const { stat, transferred, checkedAt } = process;
    const isGone = !process.update((pid + this.#captures) % DUE === 0);
    if (isGone) {
      this.#forget(process);
      return this.#discover(pid, at);
    }
    this.#watch(process);
    process.checkedAt = at;
    return this.#rates(process, { ticks: stat.ticks, ...transferred }, at - checkedAt);
  }

  /** What a process that is new has used since its start counts; of others nothing is known yet. */
  #discover(pid: number, at: number): Used | undefined {
    const process = KnownProcess.read(this.#files, `${this.#options.proc}/${pid}`, pid, at);
    if (process === undefined) return undefined;
    this.#known.set(pid, process);
    this.#watch(process);
    const previous = this.#previous;
    if (previous !== undefined && process.stat.started >= previous.newest)
      return this.#rates(process, { ticks: 0, read: 0, written: 0 }, at - previous.at);
    return this.#rates(process, { ticks: process.stat.ticks, ...process.transferred }, 1);
  }

  #rates(process: KnownProcess, before: { ticks: number; read?: number; written?: number }, ms: number): Used {
    const { stat, transferred } = process;
    const span = Math.max(1, ms);
    const rate = (now: number | undefined, then: number | undefined) =>
      now === undefined || then === undefined ? undefined : Math.round((Math.max(0, now - then) * 1000) / span);
    const ticks = Math.max(0, stat.ticks - before.ticks);
    return {
      process,
      ticks,
      // Two places of a percent of a core are more than ticks can tell.
      cpu: Math.round((ticks * MS_PER_TICK * 1000) / span) / 10,
      memory: stat.pages * this.#pageBytes,
      read: rate(transferred?.read, before.read),
      written: rate(transferred?.written, before.written),
    };
  }

  #watch(process: KnownProcess): void {
    if (process.isWatched || this.#watched >= this.#maxWatched) return;
    if (process.watch()) this.#watched += 1;
  }

  #forgetEnded(pids: readonly number[]): void {
    const alive = new Set(pids);
    this.#watched = 0;
    for (const process of this.#known.values()) {
      if (!alive.has(process.pid)) this.#forget(process);
      else if (process.isWatched) this.#watched += 1;
    }
  }

  #forget(process: KnownProcess): void {
    process.unwatch();
    this.#known.delete(process.pid);
  }
}
