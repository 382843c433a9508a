/**
 * The program of the watchdog's thread. It writes to stderr directly, because a thread's own stderr runs through the main
 * thread.
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

import { watchMainThread, type ThreadData } from './host/watchdog/thread.ts';
import { jsonLine, textLine } from './logging/format.ts';

const { format } = workerData as ThreadData;

watchMainThread((entry) => {
  try {
    writeSync(2, `${format === 'json' ? jsonLine(entry) : textLine(entry, false)}\n`);
  } catch {
    // nobody reads stderr; there is no other place to report to
  }
});
