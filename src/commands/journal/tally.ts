import type { Refusal } from '../../deliver/isolate.ts';
import type { LineBatch } from '../../metric/batch.ts';
import { milliseconds } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';

/** Further reasons are counted together. */
const MOST_REASONS = 20;

/** Counts sent and refused lines. */
export class Tally {
  #batches = 0;
  #sent = 0;
  #refused = 0;
  readonly #reasons = new Map<string, number>();
  #last: LineBatch | undefined;

  get batches(): number {
    return this.#batches;
  }

  /** Accepted lines. */
  get lines(): number {
    return this.#sent - this.#refused;
  }

  get refused(): number {
    return this.#refused;
  }

  /** Reason → refused lines. */
  get reasons(): ReadonlyMap<string, number> {
    return this.#reasons;
  }

  count(batch: LineBatch, refusals: readonly Refusal[]): void {
    this.#batches += 1;
    this.#sent += batch.size;
    this.#last = batch;
    for (const { lines, reason } of refusals) {
      const text = describeError(reason);
      const key = this.#reasons.has(text) || this.#reasons.size < MOST_REASONS ? text : 'for other reasons';
      this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + lines.length);
      this.#refused += lines.length;
    }
  }

  /** Time of the last line, ISO; undefined if there was none. */
  get reached(): string | undefined {
    const batch = this.#last;
    const [metric] = batch === undefined ? [] : batch.slice(batch.size - 1, batch.size).metrics();
    return metric === undefined ? undefined : new Date(milliseconds(metric.time)).toISOString();
  }
}
