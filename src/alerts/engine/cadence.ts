/** When the samples of one alert come. Times are ms since the Unix epoch, as in the samples. */

/** A longer silence is a gap. */
const GAP_INTERVALS = 3;

/** As long as no interval has been seen. */
const FIRST_GAP_MS = 300_000;

export class Cadence {
  #last: number | undefined;
  /** Between the last two samples, and the two before them. */
  #interval = 0;
  #before = 0;

  get last(): number | undefined {
    return this.#last;
  }

  isNew(time: number): boolean {
    return this.#last === undefined || time > this.#last;
  }

  /** @param maxGap undefined: three times the interval seen */
  isBroken(time: number, maxGap: number | undefined): boolean {
    return this.#last !== undefined && time - this.#last > (maxGap ?? this.#tolerance());
  }

  add(time: number): void {
    if (this.#last !== undefined) {
      this.#before = this.#interval;
      this.#interval = time - this.#last;
    }
    this.#last = time;
  }

  /** The clock was set: later times may be smaller ones. */
  reset(): void {
    this.#last = undefined;
  }

  /** By the longer of two intervals, so that neither a sample that comes early nor one long silence decides. */
  #tolerance(): number {
    const interval = Math.max(this.#interval, this.#before);
    return interval === 0 ? FIRST_GAP_MS : GAP_INTERVALS * interval;
  }
}
