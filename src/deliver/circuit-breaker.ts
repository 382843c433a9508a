/**
 * Keeps an output from hammering a failing destination.
 *
 * - closed: batches are sent;
 * - open: after a failure nothing is sent until the backoff has passed;
 * - half-open: the next batch is a probe. If it succeeds the breaker closes; if it fails it opens again, for longer.
 */
import { backoffMs } from '../core/backoff.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

const BACKOFF = { minMs: 1000, maxMs: 60_000 };

/** Times are milliseconds, those called `now` on the clock's `elapsed`. */
export class CircuitBreaker {
  readonly #random: () => number;
  /** Consecutive. */
  #failures = 0;
  #probeAt = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  stateAt(now: number): BreakerState {
    if (this.#failures === 0) return 'closed';
    return now < this.#probeAt ? 'open' : 'half-open';
  }

  /** Time until the next probe; 0 unless open. */
  waitMs(now: number): number {
    return this.stateAt(now) === 'open' ? this.#probeAt - now : 0;
  }

  /** @param retryAfterMs lower bound, as the destination asked */
  failed(now: number, retryAfterMs?: number): void {
    this.#failures += 1;
    this.#probeAt = now + backoffMs(this.#failures, BACKOFF, this.#random(), retryAfterMs);
  }

  /** @returns whether this closed the breaker */
  succeeded(): boolean {
    const wasClosed = this.#failures === 0;
    this.#failures = 0;
    return !wasClosed;
  }
}
