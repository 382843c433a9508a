/** Reads the CPU and memory usage of all processes. Linux only; needs no privileges. */
import { closeSync, openSync, readSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../core/clock.ts';

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

/** A stat line has some 350 bytes. */
const buffer = Buffer.allocUnsafeSlow(2048);

/** @returns no processes if the folder does not exist */
export async function readProcesses(proc: string, clock: Pick<Clock, 'elapsed'>): Promise<Reading> {
  const all = (await list(proc)).filter((name) => /^\d+$/.test(name)).map(Number);
  const pids = all.sort((a, b) => a - b).slice(-MAX_PROCESSES);
  const processes = new Map<number, ProcessStat>();
  let sliceEnd = clock.elapsed() + SLICE_MS;
  for (const pid of pids) {
    if (clock.elapsed() >= sliceEnd) {
      await setImmediate();
      sliceEnd = clock.elapsed() + SLICE_MS;
    }
    const stat = parseStat(readOptional(`${proc}/${pid}/stat`));
    if (stat !== undefined) processes.set(pid, stat);
  }
  return { at: clock.elapsed(), processes, isPartial: all.length > pids.length };
}

/** Resident memory in bytes; undefined if the process has ended. `stat` counts pages, whose size is not known here. */
export function residentBytes(proc: string, pid: number): number | undefined {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readOptional(`${proc}/${pid}/status`)) ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

async function list(proc: string): Promise<readonly string[]> {
  try {
    return await readdir(proc);
  } catch {
    return []; // not Linux, or procfs is not mounted: the tables are left out
  }
}

/** Empty if the process has ended or is hidden. */
function readOptional(path: string): string {
  try {
    const descriptor = openSync(path, 'r');
    try {
      return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}
