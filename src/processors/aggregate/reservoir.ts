/** Percentiles of up to this many values are exact; beyond it they come from a uniform sample of this size. */
const CAPACITY = 10_000;

/** Keeps every value up to its capacity, then a uniform random sample of all values (algorithm R). */
export class Reservoir {
  readonly #values: number[] = [];
  readonly #random = sequence();
  #seen = 0;
  #isSorted = true;

  add(value: number): void {
    this.#seen += 1;
    this.#isSorted = false;
    if (this.#values.length < CAPACITY) {
      this.#values.push(value);
      return;
    }
    const place = Math.floor(this.#random() * this.#seen);
    if (place < CAPACITY) this.#values[place] = value;
  }

  /**
   * Linear interpolation between the two nearest ranks (R's type 7, the default of R, NumPy and spreadsheets).
   *
   * @param fraction 0 to 1
   */
  percentile(fraction: number): number | undefined {
    if (!this.#isSorted) this.#values.sort((a, b) => a - b);
    this.#isSorted = true;
    const rank = fraction * (this.#values.length - 1);
    const lower = this.#values[Math.floor(rank)];
    const upper = this.#values[Math.ceil(rank)];
    if (lower === undefined || upper === undefined) return undefined;
    return lower + (upper - lower) * (rank - Math.floor(rank));
  }
}

/** A deterministic sequence of uniform numbers in [0, 1), so that equal input gives equal output (Marsaglia's xorshift32). */
function sequence(): () => number {
  let state = 2_463_534_242;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
