/** Processes that the kernel killed for lack of memory: counted in /proc/vmstat, named in its log. */
import { closeSync, constants, openSync, readSync } from 'node:fs';

import { errorCode } from '../../../core/errors.ts';
import type { HistoryEvent } from '../../access.ts';

export interface Victim {
  readonly pid: number;
  readonly name: string;
}

/** Events for one reading; more are counted. */
const MAX_VICTIMS = 10;
/** The kernel's log of a large machine has some 10,000 records. */
const MAX_RECORDS = 50_000;
const RECORD_BYTES = 8192;
/** Records read before other work gets a turn, some 1 ms. */
const SLICE = 200;

/** @returns undefined where the kernel does not count (before 4.13) */
export function oomKills(vmstat: string): number | undefined {
  const [, count] = /^oom_kill (\d+)$/m.exec(vmstat) ?? [];
  return count === undefined ? undefined : Number(count);
}

/** @param victims those that are known, the newest last */
export function oomEvents(kills: number, victims: readonly Victim[], at: number): readonly HistoryEvent[] {
  const named = victims.slice(-Math.min(kills, MAX_VICTIMS));
  const event = (title: string): HistoryEvent => ({ at, kind: 'oom', level: 'critical', title });
  const events = named.map(({ pid, name }) => event(`The kernel killed ${name} (pid ${pid}) for lack of memory`));
  const rest = kills - named.length;
  if (rest === 0) return events;
  const more = named.length === 0 ? '' : ' more';
  return [...events, event(`The kernel killed ${rest}${more} process${rest === 1 ? '' : 'es'} for lack of memory`)];
}

/** @param record of /dev/kmsg: `priority,number,microseconds,flags;text` */
export function victimOf(record: string): Victim | undefined {
  const [, pid, name] =
    /^[^;\n]*;[^\n]*\bKill(?:ed)? process (\d+) \((.+?)\)(?=, UID| total-vm| score)/.exec(record) ?? [];
  return pid === undefined || name === undefined ? undefined : { pid: Number(pid), name };
}

/**
 * Reads the kernel's log, oldest first. Never blocks.
 *
 * @returns a generator that yields now and then, and returns the last victims; none if the log may not be read
 */
export function* readVictims(path: string): Generator<undefined, readonly Victim[]> {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return []; // not root, or a container: the kills are counted
  }
  const victims: Victim[] = [];
  try {
    const buffer = Buffer.allocUnsafe(RECORD_BYTES);
    for (let count = 1; count <= MAX_RECORDS; count += 1) {
      const length = readRecord(descriptor, buffer);
      if (length === 0) break;
      const victim = victimOf(buffer.toString('utf8', 0, length));
      if (victim !== undefined) victims.push(victim);
      if (victims.length > MAX_VICTIMS) victims.shift();
      if (count % SLICE === 0) yield undefined;
    }
  } finally {
    closeSync(descriptor);
  }
  return victims;
}

/** @returns 0 at the end */
function readRecord(descriptor: number, buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, buffer, 0, buffer.length, null);
    } catch (error) {
      // EPIPE: the record was overwritten, and reading goes on with the oldest one. EAGAIN: there are no more.
      if (errorCode(error) !== 'EPIPE') return 0;
    }
  }
}
