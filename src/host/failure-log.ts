/**
 * Logs a repeating failure when it changes, not each time: the first time, when another one joins it, at every hundredth
 * repetition, and on recovery. Failures that alternate are logged once each.
 */
import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../plugin/index.ts';

import { placeIn } from './stack.ts';

const REMIND_EVERY = 100;

/** Maximum distinct failures kept; texts from outside may differ each time. */
const MOST_KNOWN = 20;

/** Numbers (ports, counts, times) differ between repetitions of the same failure; those in a name (`sda1`) make another one. */
function gist(text: string): string {
  return text.replace(/(?<![\p{L}_\d])\d+/gu, '#');
}

export class FailureLog {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #module: string | undefined;
  /** Since the last success. */
  readonly #known = new Set<string>();
  #since = 0;
  #count = 0;
  #trouble: string | undefined;

  /** @param module path of the external plugin that fails; its errors are logged with file and line, as `at` */
  constructor(log: Logger, clock: Clock, module?: string) {
    this.#log = log;
    this.#clock = clock;
    this.#module = module;
  }

  get failing(): boolean {
    return this.#known.size > 0;
  }

  /** What failed last, for people; undefined if the last attempt succeeded. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** @param action what failed, e.g. `Gather failed` */
  failed(action: string, error: unknown, meta: Readonly<Record<string, unknown>> = {}): void {
    const text = describeError(error);
    this.#trouble = text;
    if (!this.failing) this.#since = this.#clock.elapsed();
    this.#count += 1;
    if (this.#known.has(gist(text)) && this.#count % REMIND_EVERY !== 0) return;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.add(gist(text));
    const at = placeIn(this.#module, error);
    const more = at === undefined ? meta : { ...meta, at };
    this.#log.warn(`${action}: ${text}`, this.#count === 1 ? more : { ...more, failures: this.#count });
  }

  succeeded(action: string): void {
    if (!this.failing) return;
    const after = formatDuration(Math.max(1000, Math.round((this.#clock.elapsed() - this.#since) / 1000) * 1000));
    this.#log.info(`${action} again after ${after}`, { failures: this.#count });
    this.#known.clear();
    this.#count = 0;
    this.#trouble = undefined;
  }
}
