/** The samples of the last minutes or hours, in little memory. */

/** More samples than this are thinned out: a window of 6 h at 1 s keeps every sixth. */
const MOST_SAMPLES = 4096;
const FIRST_SIZE = 16;

/** Tolerance for missing samples: the expected number of samples may be this many times the actual one. */
const SLACK = 1.5;

/** A ring of values with their times, 16 bytes per sample. Samples come in the order of time; those past the length expire. */
export class SampleWindow {
  /** ms. */
  readonly length: number;
  readonly #coverage: number;
  #times = new Float64Array(FIRST_SIZE);
  #values = new Float64Array(FIRST_SIZE);
  #start = 0;
  #count = 0;
  /** Smallest observed distance of samples, ms; a gap does not change it. */
  #interval = Infinity;
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
      this.#interval = Math.min(this.#interval, distance);
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

  /** How much of the window must have samples, ms. */
  get needed(): number {
    return this.length * this.#coverage;
  }

  /** How much of the window has samples, ms; less than their span if many are missing. 0 with fewer than two. */
  get covered(): number {
    if (this.#count < 2) return 0;
    const span = this.timeAt(this.#count - 1) - this.timeAt(0) + this.#interval;
    return Math.min(span, this.#count * SLACK * this.#interval);
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
      this.#interval *= 2;
      this.#leastDistance = this.#interval * 0.75;
    }
    [this.#times, this.#values, this.#start, this.#count] = [times, values, 0, kept];
  }
}
