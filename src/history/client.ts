/**
 * The history's thread as seen from the main thread. A thread that dies is started again, with backoff; what was in its memory
 * is still in the journal.
 */
import { Worker } from 'node:worker_threads';

import { backoffMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { FailureLog } from '../host/failure-log.ts';
import { HistoryUnavailableError } from './access.ts';
import type { Boot } from './history.ts';
import type { CallName, HistoryCalls, HistoryConfig, Request, ThreadData, ThreadMessage } from './worker/messages.ts';

export interface HistoryClientOptions {
  /** The program of the thread, which calls `runHistoryThread`. */
  readonly program: URL;
  /** Of `history.db`. */
  readonly path: string;
  readonly boot: Boot;
  readonly config: HistoryConfig;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** The database is open, also after each restart: nothing is in memory. */
  readonly onReady: () => void;
  readonly onSealed: (position: number) => void;
  /** The thread has ended; it will be started again. */
  readonly onEnded: () => void;
  /** There will be no history. */
  readonly onUnusable: () => void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const BACKOFF = { minMs: 1000, maxMs: 300_000 };

/** A thread that has run for so long counts as sound. */
const SOUND_MS = 600_000;

/** Memory of the thread's heap: a leak must not take the agent with it. */
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };

export class HistoryClient {
  readonly #options: HistoryClientOptions;
  readonly #failures: FailureLog;
  readonly #waiting = new Map<number, Waiting>();
  #config: HistoryConfig;
  #worker: Worker | undefined;
  #isReady = false;
  #isClosed = false;
  #lastId = 0;
  #deaths = 0;
  #startedAt = 0;
  /** Why the last start failed, if the thread said so. */
  #reason: string | undefined;
  #cancelRestart: () => void = () => undefined;

  constructor(options: HistoryClientOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#failures = new FailureLog(options.log, options.clock);
  }

  start(): void {
    const { program, path, boot, clock } = this.#options;
    const data: ThreadData = { path, boot, ...this.#config };
    this.#startedAt = clock.elapsed();
    this.#reason = undefined;
    const settings = { workerData: data, name: 'history', execArgv: [], stdin: false, resourceLimits: LIMITS };
    const worker = new Worker(program, settings);
    this.#worker = worker;
    worker.on('message', (message: ThreadMessage) => {
      this.#take(message);
    });
    worker.on('error', (error) => {
      this.#reason ??= error.message;
    });
    worker.on('exit', () => {
      this.#ended();
    });
    // The agent decides how long the process lives.
    worker.unref();
  }

  /** @throws RangeError for what is asked wrongly, HistoryUnavailableError while the thread does not run, and other errors */
  call<Name extends CallName>(
    name: Name,
    args: Parameters<HistoryCalls[Name]>,
    transfer: readonly ArrayBuffer[] = [],
  ): ReturnType<HistoryCalls[Name]> {
    const answer = new Promise((resolve, reject) => {
      if (this.#worker === undefined || !this.#isReady) {
        reject(new HistoryUnavailableError('The history is not available at the moment'));
        return;
      }
      const request: Request<Name> = { id: (this.#lastId += 1), call: name, args };
      this.#waiting.set(request.id, { resolve, reject });
      this.#worker.postMessage(request, transfer);
    });
    return answer as ReturnType<HistoryCalls[Name]>;
  }

  configure(config: HistoryConfig): void {
    this.#config = config;
    // A thread that is not ready, or dies meanwhile, starts with it.
    if (this.#isReady) this.call('configure', [config]).catch(() => undefined);
  }

  /** What is not stored stays in the journal. @param signal aborts at the deadline */
  async close(signal: AbortSignal): Promise<void> {
    const worker = this.#worker;
    this.#isClosed = true;
    this.#cancelRestart();
    if (worker === undefined) return;
    const end = () => void worker.terminate();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted || !this.#isReady) end();
    else await this.call('close', []).catch(end);
    signal.removeEventListener('abort', end);
    await worker.terminate();
  }

  #take(message: ThreadMessage): void {
    const { path, log, onReady, onSealed, onUnusable } = this.#options;
    if (message === 'ready') {
      this.#isReady = true;
      this.#failures.succeeded('The history works');
      onReady();
    } else if ('id' in message) this.#answered(message);
    else if ('sealedUpTo' in message) onSealed(message.sealedUpTo);
    else if ('level' in message) log[message.level](message.message, message.meta);
    else if ('failed' in message)
      this.#reason = `${message.failed}; ${path} must be a file that the agent may read and write`;
    else {
      this.#isClosed = true;
      log.error(`There is no history: ${path} cannot be used: ${message.unusable}`);
      onUnusable();
    }
  }

  #answered(message: Extract<ThreadMessage, { readonly id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('value' in message) waiting?.resolve(message.value);
    else {
      const { failure } = message;
      waiting?.reject(failure.isRange ? new RangeError(failure.message) : new Error(failure.message));
    }
  }

  #ended(): void {
    const { clock, random, onEnded } = this.#options;
    this.#worker = undefined;
    this.#isReady = false;
    for (const { reject } of this.#waiting.values())
      reject(new HistoryUnavailableError('The thread of the history has ended'));
    this.#waiting.clear();
    onEnded();
    if (this.#isClosed) return;
    if (clock.elapsed() - this.#startedAt >= SOUND_MS) this.#deaths = 0;
    this.#deaths += 1;
    this.#failures.failed('The history has stopped and will be started again', new Error(this.#reason ?? 'it ended'));
    this.#cancelRestart = clock.after(BACKOFF.minMs + backoffMs(this.#deaths, BACKOFF, random()), () => {
      this.start();
    });
  }
}
