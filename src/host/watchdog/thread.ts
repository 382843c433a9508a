/** The watchdog's thread: it runs, writes and ends the process while the main thread is blocked. */
import { parentPort, workerData } from 'node:worker_threads';

import { systemClock } from '../../core/clock.ts';
import { formatDuration } from '../../core/duration.ts';
import type { LogEntry } from '../../core/logger.ts';

import { CallTable } from './call-table.ts';
import { LoopWatch, type LoopLimits } from './loop-watch.ts';
import { abortMainThread, sampleMainThread } from './main-thread.ts';

/** What the thread starts with. */
export interface ThreadData {
  readonly memory: SharedArrayBuffer;
  readonly tickMs: number;
  readonly limits: LoopLimits;
  readonly format: 'text' | 'json';
}

/** From the main thread: the plugin instance of a slot of the call table. */
export interface SlotName {
  readonly slot: number;
  readonly name: string;
}

/** To the main thread: a question for its event loop to answer, or the end of a block to log. */
export type ThreadMessage = 'answer' | { readonly recovered: string };

/** How long the sample of a blocked main thread may take; it does not return from a system call. Milliseconds. */
const SAMPLE_MS = 1000;

/** Most names that a message lists. */
const MAX_NAMES = 5;

/** @param write must not need the main thread */
export function watchMainThread(write: (entry: LogEntry) => void): void {
  const { memory, tickMs, limits } = workerData as ThreadData;
  const calls = new CallTable(memory);
  const watch = new LoopWatch(limits);
  const names = new Map<number, string>();
  let asked = 0;
  let culprit = 'Something';

  const log = (level: LogEntry['level'], message: string) => {
    write({ level, message, name: 'watchdog', meta: {}, time: systemClock.now() });
  };
  const blocked = (ticks: number) => `${culprit} has blocked the event loop for ${formatDuration(ticks * tickMs)}`;
  const send = (message: ThreadMessage) => parentPort?.postMessage(message);

  async function warn(): Promise<void> {
    const place = await sampleMainThread(SAMPLE_MS).catch(() => undefined);
    culprit = `${culpritOf(calls, names)}${place === undefined ? '' : ` in ${place}`}`;
    log('warn', `${blocked(limits.warnAfter)}; after ${formatDuration(limits.endAfter * tickMs)} the process ends`);
  }

  setInterval(() => {
    const ticks = watch.unanswered;
    const action = watch.tick(calls.answered === asked);
    if (action === 'warn') void warn();
    if (action === 'end') {
      log('error', `${blocked(limits.endAfter)}; the process ends`);
      endProcess();
    }
    if (action === 'recovered') send({ recovered: `${blocked(ticks)}; it runs again` });
    if (action === 'recovered' || action === 'ask') {
      asked += 1;
      send('answer');
    }
  }, tickMs);
  parentPort?.on('message', ({ slot, name }: SlotName) => names.set(slot, name));
}

/** The plugin whose code runs; after an `await` only those are known whose calls are not finished. */
function culpritOf(calls: CallTable, names: ReadonlyMap<number, string>): string {
  const nameOf = (slot: number) => names.get(slot) ?? 'a plugin';
  if (calls.current !== 0) return nameOf(calls.current);
  const unfinished = calls.unfinished().map(nameOf);
  if (unfinished.length === 0) return 'Code outside of all plugin calls';
  const more = unfinished.length > MAX_NAMES ? ` and ${unfinished.length - MAX_NAMES} more` : '';
  return `Code after an await of ${unfinished.slice(0, MAX_NAMES).join(' or ')}${more}`;
}

/**
 * `process.exit` ends only this thread. SIGALRM gives an exit code that nothing else gives (142); SIGKILL is for a process
 * that ignores it. Process 1 of a container is immune to both.
 */
function endProcess(): void {
  const signals = process.platform === 'win32' ? (['SIGKILL'] as const) : (['SIGALRM', 'SIGKILL'] as const);
  for (const signal of signals) process.kill(process.pid, signal);
  void abortMainThread();
}
