/** Reads the CPU and memory usage of all processes at one moment. Linux only; needs no privileges. */
import { readdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../core/clock.ts';

import { pidsOf, ProcFiles } from './proc-files.ts';
import { parseStat, type ProcessStat } from './process-stat.ts';

/** All processes at one moment. */
export interface Reading {
  /** Time by the clock's `elapsed`, ms. */
  readonly at: number;
  /** By pid. */
  readonly processes: ReadonlyMap<number, ProcessStat>;
  /** Some processes were not read. */
  readonly isPartial: boolean;
}

/** Maximum processes to read, the newest first: an alert must not make a busy host busier. */
const MAX_PROCESSES = 2000;
/** Longest time that one slice blocks the event loop; one process takes some 20 µs. */
const SLICE_MS = 1;

const files = new ProcFiles();

/** @returns no processes if the folder does not exist */
export async function readProcesses(proc: string, clock: Pick<Clock, 'elapsed'>): Promise<Reading> {
  const all = pidsOf(await list(proc));
  const pids = all.slice(-MAX_PROCESSES);
  const processes = new Map<number, ProcessStat>();
  let sliceEnd = clock.elapsed() + SLICE_MS;
  for (const pid of pids) {
    if (clock.elapsed() >= sliceEnd) {
      await setImmediate();
      sliceEnd = clock.elapsed() + SLICE_MS;
    }
    const stat = parseStat(files.read(`${proc}/${pid}/stat`) ?? '');
    if (stat !== undefined) processes.set(pid, stat);
  }
  return { at: clock.elapsed(), processes, isPartial: all.length > pids.length };
}

async function list(proc: string): Promise<readonly string[]> {
  try {
    return await readdir(proc);
  } catch {
    return []; // not Linux, or procfs is not mounted: the tables are left out
  }
}
