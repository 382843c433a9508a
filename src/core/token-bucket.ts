/**
 * Paces what is sent: tokens come at a steady rate, up to those of one second or another limit, and each byte (or message)
 * takes one. A batch may be sent as long as there is any token, and what it takes beyond that is owed: how large it is need
 * not be known before, and one larger than the bucket goes too.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #most: number;
  #tokens: number;
  #filledAt: number;

  /**
   * @param rate tokens a second
   * @param now milliseconds, on the clock's `elapsed`; here and below
   * @param most what can be saved up while nothing is sent
   */
  constructor(rate: number, now: number, most = rate) {
    this.#perMs = rate / 1000;
    this.#most = most;
    this.#tokens = most;
    this.#filledAt = now;
  }

  /** Milliseconds until the next batch may be sent. */
  waitMs(now: number): number {
    this.#fill(now);
    // A whole number, so that a timer of that length leads to at least one token.
    return this.#tokens > 0 ? 0 : Math.ceil((1 - this.#tokens) / this.#perMs);
  }

  take(bytes: number, now: number): void {
    this.#fill(now);
    this.#tokens -= bytes;
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#most, this.#tokens + (now - this.#filledAt) * this.#perMs);
    this.#filledAt = now;
  }
}
