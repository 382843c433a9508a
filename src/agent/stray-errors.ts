/**
 * Errors that no code handles: a promise rejected without a handler, an exception in a timer or an event listener. If the
 * stack leads to an external plugin, only that plugin is stopped. Any other error is logged and counted; too many of them
 * end the process, because nothing is known about its state.
 */
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { FailureLog } from '../host/failure-log.ts';
import { framesOf, isInside, stackOf } from '../host/stack.ts';

export interface StrayErrorsOptions {
  /** Absolute paths of the modules of external plugins, stopped ones included. */
  readonly modules: () => readonly string[];
  /** Stops what a module runs until the next reload, and returns the aliases. Never throws. */
  readonly stopModule: (file: string) => Promise<readonly string[]>;
  /** Called after too many errors of unknown origin. */
  readonly onTooMany: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Most errors of unknown origin within a minute. */
const MOST_UNKNOWN = 20;
const MINUTE_MS = 60_000;

/** Where this code is, bundled or not. */
const OWN_FOLDER = dirname(fileURLToPath(import.meta.url)) + sep;

export class StrayErrors {
  readonly #options: StrayErrorsOptions;
  /** Timers of a plugin that has stopped may go on to throw. */
  readonly #failures: FailureLog;
  /** When the newest errors of unknown origin came, by the clock's `elapsed`. */
  readonly #unknown: number[] = [];
  #count = 0;

  constructor(options: StrayErrorsOptions) {
    this.#options = options;
    this.#failures = new FailureLog(options.log, options.clock);
  }

  /** Since the agent started. */
  get count(): number {
    return this.#count;
  }

  /** Never throws. */
  take(thrown: unknown): void {
    this.#count += 1;
    const stack = stackOf(thrown);
    const file = moduleOf(stack, this.#options.modules());
    if (file === undefined) this.#takeUnknown(thrown, stack);
    else void this.#stopModule(file, thrown, stack);
  }

  async #stopModule(file: string, thrown: unknown, stack: string): Promise<void> {
    this.#failures.failed(`Unhandled error in ${file}`, thrown, { stack });
    const stopped = await this.#options.stopModule(file);
    if (stopped.length === 0) return;
    this.#options.log.error(`Stopped after an unhandled error; a reload starts it again: ${stopped.join(', ')}`);
  }

  #takeUnknown(thrown: unknown, stack: string): void {
    const { clock, log, onTooMany } = this.#options;
    log.error(`Unhandled error: ${describeError(thrown)}`, { stack });
    const now = clock.elapsed();
    this.#unknown.push(now);
    if (this.#unknown.length < MOST_UNKNOWN) return;
    const first = this.#unknown.shift() ?? now;
    if (now - first > MINUTE_MS) return;
    log.error(`${MOST_UNKNOWN} unhandled errors within a minute; the agent stops`);
    onTooMany();
  }
}

/** The module of the innermost frame that lies in one, or in the folder of exactly one. */
function moduleOf(stack: string, modules: readonly string[]): string | undefined {
  for (const { file } of framesOf(stack)) {
    if (modules.includes(file)) return file;
    if (file.startsWith(OWN_FOLDER)) continue;
    const around = modules.filter((module) => isInside(dirname(module), file));
    const longest = Math.max(0, ...around.map((module) => dirname(module).length));
    const [nearest, ...others] = around.filter((module) => dirname(module).length === longest);
    if (nearest !== undefined && others.length === 0) return nearest;
  }
  return undefined;
}
