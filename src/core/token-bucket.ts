/**
 * A rate limiter: tokens arrive at a steady rate, up to a maximum, and each byte (or message) takes one. A batch may be sent
 * while there is any token; the balance may become negative, so a batch may be larger than the bucket and its size need not be
 * known beforehand.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #max: number;
  #tokens: number;
  #filledAt: number;

  /**
   * @param rate tokens per second
   * @param now milliseconds on the clock's `elapsed`, here and below
   * @param max maximum number of tokens, saved while nothing is sent; default: those of one second
   */
  constructor(rate: number, now: number, max = rate) {
    this.#perMs = rate / 1000;
    this.#max = max;
    this.#tokens = max;
    this.#filledAt = now;
  }

  /** Milliseconds until the next batch may be sent. */
  waitMs(now: number): number {
    this.#fill(now);
    // Rounded up, so that a timer of that length yields at least one token.
    return this.#tokens > 0 ? 0 : Math.ceil((1 - this.#tokens) / this.#perMs);
  }

  take(bytes: number, now: number): void {
    this.#fill(now);
    this.#tokens -= bytes;
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#max, this.#tokens + (now - this.#filledAt) * this.#perMs);
    this.#filledAt = now;
  }
}
