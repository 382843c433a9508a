/** The samples of the last minutes or hours, in little memory. */

/** More samples than this are thinned out: a window of 6 h at 1 s keeps every sixth. */
const MOST_SAMPLES = 4096;
const FIRST_SIZE = 16;

/** Tolerance for missing samples: the expected number of samples may be this many times the actual one. */
const SLACK = 1.5;

/** Without a sample for so many intervals, none come. */
const ALIVE_INTERVALS = 3;

const MOST_DISTANCES = 8;
/** Share of them that are no gaps. */
const USUAL = 0.75;

/** A ring of values with their times, 16 bytes per sample. Samples come in the order of time; those past the length expire. */
export class SampleWindow {
  /** ms. */
  readonly length: number;
  readonly #coverage: number;
  #times = new Float64Array(FIRST_SIZE);
  #values = new Float64Array(FIRST_SIZE);
  #start = 0;
  #count = 0;
  /** Of the newest samples, ms; the oldest is replaced. They outlive a gap that empties the window. */
  readonly #distances: number[] = [];
  #nextDistance = 0;
  #leastDistance = 0;

  /**
   * @param length ms
   * @param coverage share of the window that must have samples before `isCovered`; 0 to 1
   */
  constructor(length: number, coverage: number) {
    this.length = length;
    this.#coverage = coverage;
  }

  get size(): number {
    return this.#count;
  }

  add(value: number, time: number): void {
    if (this.#count > 0) {
      const distance = time - this.timeAt(this.#count - 1);
      if (distance <= 0) return;
      if (distance < this.#leastDistance) return;
      this.#distances[this.#nextDistance] = distance;
      this.#nextDistance = (this.#nextDistance + 1) % MOST_DISTANCES;
    }
    this.#expire(time);
    if (this.#count === this.#times.length) this.#grow();
    const index = (this.#start + this.#count) % this.#times.length;
    this.#times[index] = time;
    this.#values[index] = value;
    this.#count += 1;
  }

  /** Whether enough of the window has samples. */
  isCovered(): boolean {
    return this.#count >= 2 && this.covered >= this.needed;
  }

  /** Whether samples still come: those of an idle disk, for example, do not. @param now ms since the Unix epoch */
  isAlive(now: number): boolean {
    return this.#count >= 2 && now - this.timeAt(this.#count - 1) <= ALIVE_INTERVALS * this.#interval();
  }

  /** How much of the window must have samples, ms. */
  get needed(): number {
    return this.length * this.#coverage;
  }

  /** How much of the window has samples, ms; less than their span if many are missing. 0 with fewer than two. */
  get covered(): number {
    if (this.#count < 2) return 0;
    const interval = this.#interval();
    const span = this.timeAt(this.#count - 1) - this.timeAt(0) + interval;
    return Math.min(span, this.#count * SLACK * interval);
  }

  /**
   * The usual distance of samples, ms: the mean without the largest quarter, since a gap is none. A short one counts little: the
   * first gather of an input comes at any moment before the second.
   */
  #interval(): number {
    let [sum, largest, second] = [0, 0, 0];
    for (const distance of this.#distances) {
      sum += distance;
      if (distance > largest) [largest, second] = [distance, largest];
      else if (distance > second) second = distance;
    }
    const count = this.#distances.length;
    const usual = Math.max(1, Math.floor(count * USUAL));
    // Of at most eight, a quarter are two.
    const left = count - usual;
    return (sum - (left > 0 ? largest : 0) - (left > 1 ? second : 0)) / usual;
  }

  /** @param index 0 is the oldest */
  timeAt(index: number): number {
    return this.#times[(this.#start + index) % this.#times.length] ?? Number.NaN;
  }

  valueAt(index: number): number {
    return this.#values[(this.#start + index) % this.#values.length] ?? Number.NaN;
  }

  #expire(now: number): void {
    while (this.#count > 0 && now - this.timeAt(0) >= this.length) {
      this.#start = (this.#start + 1) % this.#times.length;
      this.#count -= 1;
    }
  }

  /** Doubles the capacity, or halves the samples at the maximum. */
  #grow(): void {
    const thin = this.#count >= MOST_SAMPLES;
    const kept = thin ? this.#count / 2 : this.#count;
    const size = thin ? this.#times.length : this.#times.length * 2;
    const [times, values] = [new Float64Array(size), new Float64Array(size)];
    for (let index = 0; index < kept; index += 1) {
      const from = thin ? index * 2 + 1 : index;
      times[index] = this.timeAt(from);
      values[index] = this.valueAt(from);
    }
    if (thin) {
      this.#distances.forEach((distance, index) => (this.#distances[index] = distance * 2));
      this.#leastDistance = this.#interval() * 0.75;
    }
    [this.#times, this.#values, this.#start, this.#count] = [times, values, 0, kept];
  }
}
