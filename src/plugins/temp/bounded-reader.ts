import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

import type { Clock } from '../../plugin/index.ts';

/** Reads a file whose driver may hang. @returns undefined if the read fails or misses its deadline */
export type Read = (path: string, signal: AbortSignal) => Promise<string | undefined>;

/** Timeout of one read, in ms. A healthy sensor answers in a few ms, a slow I²C one in tens of ms. */
const TIMEOUT_MS = 1000;

/** Maximum outstanding reads: each occupies one of the four threads of libuv's pool. */
const MAX_OUTSTANDING = 2;

/** Abort reason that cancels the timeout. Created once: the default DOMException costs more than the read. */
const ENDED = new Error('read in time');

/** A read that times out is not repeated until it has returned, so a sleeping device occupies at most one thread. */
export function createReader(clock: Clock, readSensor: (path: string) => Promise<string> = readNonBlocking): Read {
  const outstanding = new Set<string>();
  return async (path, signal) => {
    if (signal.aborted || outstanding.has(path) || outstanding.size >= MAX_OUTSTANDING) return undefined;
    outstanding.add(path);
    const ended = new AbortController();
    const reading = readSensor(path)
      .catch(() => undefined) // asleep, unplugged, or without a value: nothing to report
      .finally(() => outstanding.delete(path));
    const deadline = new Promise<undefined>((resolve) => {
      const giveUp = () => {
        resolve(undefined);
      };
      signal.addEventListener('abort', giveUp, { once: true, signal: ended.signal });
      // After a read in time the rejection settles a promise that no longer matters.
      clock.sleep(TIMEOUT_MS, ended.signal).then(giveUp, giveUp);
    });
    try {
      return await Promise.race([reading, deadline]);
    } finally {
      ended.abort(ENDED);
    }
  };
}

/** With O_NONBLOCK drivers that support it fail with EAGAIN instead of waiting for sleeping hardware. */
async function readNonBlocking(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
