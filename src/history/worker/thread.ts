/** The program of the history's thread: messages in, messages out. */
import { parentPort, workerData } from 'node:worker_threads';

import { systemClock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import { LOG_LEVELS, type Logger, type LogLevel } from '../../core/logger.ts';
import { describeStoreError } from '../../host/sqlite/sqlite-error.ts';
import { NewerHistoryError } from '../store/schema.ts';
import type { CallName, Failure, HistoryCalls, Request, ThreadData, ThreadMessage } from './messages.ts';
import { HistoryService } from './service.ts';

const send = (message: ThreadMessage, transfer: readonly ArrayBuffer[] = []) => {
  parentPort?.postMessage(message, transfer);
};

export function runHistoryThread(): void {
  const data = workerData as ThreadData;
  const service = open(data);
  if (service === undefined) return;
  parentPort?.on('message', (request: Request) => void answer(service, request));
  send('ready');
}

function open(data: ThreadData): HistoryService | undefined {
  const onSealed = (sealedUpTo: number) => {
    send({ sealedUpTo });
  };
  try {
    return new HistoryService({ data, clock: systemClock, log: forwardingLog(), onSealed });
  } catch (error) {
    const reason = describeStoreError(error);
    // Neither changes by itself: the file is of a later version, or this platform has no SQLite.
    const isFinal = error instanceof NewerHistoryError || /Cannot find module|MODULE_NOT_FOUND/.test(reason);
    send(isFinal ? { unusable: reason } : { failed: reason });
    return undefined;
  }
}

async function answer(service: HistoryCalls, { id, call, args }: Request): Promise<void> {
  try {
    const value: unknown = await Reflect.apply(service[call] as (...all: unknown[]) => unknown, service, args);
    send({ id, value }, buffersOf(call, value));
    if (call === 'close') parentPort?.close();
  } catch (error) {
    send({ id, failure: failureOf(error) });
  }
}

function failureOf(error: unknown): Failure {
  const isRange = error instanceof RangeError;
  return { message: isRange ? describeError(error) : describeStoreError(error), isRange };
}

/** Of typed arrays, which are moved instead of copied. */
function buffersOf(call: CallName, value: unknown): readonly ArrayBuffer[] {
  if (call !== 'query') return [];
  const { values } = value as Awaited<ReturnType<HistoryCalls['query']>>;
  return values.flat().map(({ buffer }) => buffer as ArrayBuffer);
}

/** Its lines are written by the main thread. */
function forwardingLog(): Logger {
  const log =
    (level: LogLevel) =>
    (message: string, meta: Readonly<Record<string, unknown>> = {}) => {
      send({ level, message, meta });
    };
  return Object.fromEntries(LOG_LEVELS.map((level) => [level, log(level)])) as unknown as Logger;
}
