import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

import type { Clock } from '../../plugin/index.ts';

/** Reads a file that may take for ever. @returns undefined if it cannot be read, or not in time */
export type Read = (path: string, signal: AbortSignal) => Promise<string | undefined>;

/** How long one reading may take, in ms. A healthy sensor answers in a few ms, a slow I²C one in some tens. */
const DEADLINE = 1000;

/** Readings that may be outstanding before nothing more is read: each keeps one of the four threads of libuv's pool. */
const MAX_OUTSTANDING = 2;

/** Ends the wait for a deadline. Made once: the DOMException that abort() makes otherwise costs more than the reading. */
const ENDED = new Error('read in time');

/** A reading that misses its deadline is not repeated until it has returned, so a sleeping device costs one thread once. */
export function createReader(clock: Clock, readSensor: (path: string) => Promise<string> = readNonBlocking): Read {
  const outstanding = new Set<string>();
  return async (path, signal) => {
    if (signal.aborted || outstanding.has(path) || outstanding.size >= MAX_OUTSTANDING) return undefined;
    outstanding.add(path);
    const ended = new AbortController();
    const reading = readSensor(path)
      .catch(() => undefined) // asleep, unplugged, or without a value now: nothing to report
      .finally(() => outstanding.delete(path));
    const deadline = new Promise<undefined>((resolve) => {
      const giveUp = () => {
        resolve(undefined);
      };
      signal.addEventListener('abort', giveUp, { once: true, signal: ended.signal });
      // The rejection means "read in time", and settles a promise that nobody waits for any more.
      clock.sleep(DEADLINE, ended.signal).then(giveUp, giveUp);
    });
    try {
      return await Promise.race([reading, deadline]);
    } finally {
      ended.abort(ENDED);
    }
  };
}

/** O_NONBLOCK makes drivers that know of it say EAGAIN instead of waiting for sleeping hardware. */
async function readNonBlocking(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
