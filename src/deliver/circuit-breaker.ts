/**
 * Keeps an output from hammering a destination that is in trouble.
 *
 * - closed: all is well, batches are sent;
 * - open: after a failure nothing is sent for a while;
 * - half-open: that while is over, and the next batch is a probe. If it arrives the breaker closes, otherwise it opens again,
 *   for longer.
 */
import { backoffMs } from '../core/backoff.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

const BACKOFF = { minMs: 1000, maxMs: 60_000 };

/** Times are milliseconds, those called `now` on the clock's `elapsed`. */
export class CircuitBreaker {
  readonly #random: () => number;
  /** In a row. */
  #failures = 0;
  #probeAt = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  stateAt(now: number): BreakerState {
    if (this.#failures === 0) return 'closed';
    return now < this.#probeAt ? 'open' : 'half-open';
  }

  /** How long nothing may be sent; 0 unless it is open. */
  waitMs(now: number): number {
    return this.stateAt(now) === 'open' ? this.#probeAt - now : 0;
  }

  /** @param retryAfterMs what the destination asked for: a lower bound */
  failed(now: number, retryAfterMs?: number): void {
    this.#failures += 1;
    this.#probeAt = now + backoffMs(this.#failures, BACKOFF, this.#random(), retryAfterMs);
  }

  /** @returns whether that closed it */
  succeeded(): boolean {
    const wasClosed = this.#failures === 0;
    this.#failures = 0;
    return !wasClosed;
  }
}
