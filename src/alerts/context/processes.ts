/** Which processes there are, and what they use. Linux; reads only what everybody may read. */
import { closeSync, openSync, readSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../core/clock.ts';

import { parseStat, type ProcessStat } from './process-stat.ts';

/** All processes at one moment. */
export interface Reading {
  /** By the clock's `elapsed`. */
  readonly at: number;
  readonly processes: ReadonlyMap<number, ProcessStat>;
  /** Not all were read. */
  readonly isPartial: boolean;
}

/** More are not read: an alert must not make a busy host busier. The newest are those that count. */
const MOST = 2000;
/** The longest that one slice keeps the event loop, ms; a process takes some 20 µs. */
const SLICE_MS = 1;

/** A stat line has some 350 bytes. */
const buffer = Buffer.allocUnsafeSlow(2048);

/** @returns no processes where there is no such folder */
export async function readProcesses(proc: string, clock: Pick<Clock, 'elapsed'>): Promise<Reading> {
  const all = (await list(proc)).filter((name) => /^\d+$/.test(name)).map(Number);
  const numbers = all.sort((a, b) => a - b).slice(-MOST);
  const processes = new Map<number, ProcessStat>();
  let sliceEnd = clock.elapsed() + SLICE_MS;
  for (const number of numbers) {
    if (clock.elapsed() >= sliceEnd) {
      await setImmediate();
      sliceEnd = clock.elapsed() + SLICE_MS;
    }
    const stat = parseStat(readOptional(`${proc}/${number}/stat`));
    if (stat !== undefined) processes.set(number, stat);
  }
  return { at: clock.elapsed(), processes, isPartial: all.length > numbers.length };
}

/** Resident memory in bytes; undefined if the process has ended. The size of a page is known only by this. */
export function residentBytes(proc: string, number: number): number | undefined {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readOptional(`${proc}/${number}/status`)) ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

async function list(proc: string): Promise<readonly string[]> {
  try {
    return await readdir(proc);
  } catch {
    return []; // another system, or procfs is not mounted there: the tables are left out
  }
}

/** Empty for a process that has ended or is hidden. */
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
