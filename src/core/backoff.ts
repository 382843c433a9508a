export interface BackoffLimits {
  /** Maximum delay after the first failure; doubles with each further failure. Milliseconds. */
  readonly minMs: number;
  /** Maximum delay, except for a longer one that the other side asks for. Milliseconds. */
  readonly maxMs: number;
}

/**
 * Delay after the `failures`-th failure in a row (1 or more): exponential backoff with full jitter (uniform from 0 to the
 * ceiling), so that many agents that lost the same server do not return in step.
 *
 * @param random a number in [0, 1)
 * @param retryAfterMs delay that the other side asked for: a lower bound, honoured up to one hour
 * @returns milliseconds
 */
export function backoffMs(failures: number, limits: BackoffLimits, random: number, retryAfterMs = 0): number {
  const ceiling = Math.min(limits.maxMs, limits.minMs * 2 ** Math.min(failures - 1, 30));
  return Math.max(random * ceiling, Math.min(retryAfterMs, 3_600_000));
}
