/**
 * A repeating failure is logged when it changes, not each time: the first time, when its text changes, at every
 * hundredth repetition, and when it is over.
 */
import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../plugin.ts';

const REMIND_EVERY = 100;

/** Digits change from one refusal to the next (ports, counts, times) without it being another failure. */
function gist(text: string): string {
  return text.replace(/\d+/g, '#');
}

export class FailureLog {
  readonly #log: Logger;
  readonly #clock: Clock;
  #last: string | undefined;
  #since = 0;
  #count = 0;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  get failing(): boolean {
    return this.#last !== undefined;
  }

  /** @param action what failed, e.g. `Gather failed` */
  failed(action: string, error: unknown, meta: Readonly<Record<string, unknown>> = {}): void {
    const text = describeError(error);
    if (this.#last === undefined) this.#since = this.#clock.elapsed();
    this.#count += 1;
    if (this.#last === gist(text) && this.#count % REMIND_EVERY !== 0) return;
    this.#last = gist(text);
    this.#log.warn(`${action}: ${text}`, this.#count === 1 ? meta : { ...meta, failures: this.#count });
  }

  succeeded(action: string): void {
    if (this.#last === undefined) return;
    const after = formatDuration(Math.max(1000, Math.round((this.#clock.elapsed() - this.#since) / 1000) * 1000));
    this.#log.info(`${action} again after ${after}`, { failures: this.#count });
    this.#last = undefined;
    this.#count = 0;
  }
}
