export interface BackoffLimits {
  /** The longest delay after the first failure; each further failure doubles it. Milliseconds. */
  readonly minMs: number;
  /** No delay is longer, except one the other side asked for. Milliseconds. */
  readonly maxMs: number;
}

/**
 * How long to wait after the `failures`-th failure in a row (1 or more): exponential growth with full jitter (a random
 * part of the whole span), so that many agents that lost the same server do not come back in step.
 *
 * @param random a number in [0, 1)
 * @param retryAfterMs what the other side asked for: a lower bound, taken at its word up to one hour
 */
export function backoffMs(failures: number, limits: BackoffLimits, random: number, retryAfterMs = 0): number {
  const ceiling = Math.min(limits.maxMs, limits.minMs * 2 ** Math.min(failures - 1, 30));
  return Math.max(random * ceiling, Math.min(retryAfterMs, 3_600_000));
}
