/** The answer to a query: one number for each span of time, made of values and of summaries in the order of time. */
import type { Summary } from './summary.ts';

/** `rate` is the increase per second of a counter; one that becomes smaller has started again at 0. */
export const FUNCTIONS = ['mean', 'min', 'max', 'last', 'rate'] as const;

export type QueryFunction = (typeof FUNCTIONS)[number];

const STARTS: Readonly<Record<QueryFunction, number>> = { mean: 0, min: Infinity, max: -Infinity, last: 0, rate: 0 };

/** Bound of an answer. */
export const MAX_BUCKETS = 50_000;

/** The statistics of minutes or of longer spans, one for each row. */
export interface Statistics {
  /** Start of each span, ms since the Unix epoch. */
  readonly times: Float64Array;
  /** Of each span, ms; 0 for samples. The last value counts as one of its end. */
  readonly length: number;
  /** NaN for rows without values. Also stands for what no function needs. */
  readonly last: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sum: Float64Array;
  /** Undefined: 1. */
  readonly count: Float64Array | undefined;
}

/** Rows are given in the order of time. */
export class Buckets {
  readonly #from: number;
  readonly #step: number;
  readonly #count: Float64Array;
  readonly #columns: Partial<Readonly<Record<QueryFunction, Float64Array>>>;
  /** Seconds over which the increase was seen. */
  readonly #seconds: Float64Array;
  /** Of the newest value so far, of all buckets. */
  #previousTime = Infinity;
  #previousValue = 0;

  /**
   * @param from start of the first bucket, ms since the Unix epoch
   * @param step length of each, ms
   */
  constructor(from: number, step: number, size: number, functions: readonly QueryFunction[]) {
    this.#from = from;
    this.#step = step;
    this.#count = new Float64Array(size);
    this.#columns = Object.fromEntries(functions.map((fn) => [fn, new Float64Array(size).fill(STARTS[fn])]));
    this.#seconds = new Float64Array(functions.includes('rate') ? size : 0);
  }

  /** @param time ms since the Unix epoch */
  indexOf(time: number): number {
    return Math.floor((time - this.#from) / this.#step);
  }

  /** @param isWanted by the start of a row; others are left out. A rate is the one of the last values. */
  addAll({ times, length, last, min, max, sum, count }: Statistics, isWanted: (time: number) => boolean): void {
    const { mean: sums, min: mins, max: maxs, last: lasts, rate: increases } = this.#columns;
    const size = this.#count.length;
    for (let row = 0; row < times.length; row += 1) {
      const [time, value] = [times[row] ?? NaN, last[row] ?? NaN];
      if (Number.isNaN(value) || !isWanted(time)) continue;
      const index = this.indexOf(time);
      if (increases !== undefined) this.#rise(increases, index, time + length, value);
      if (!(index >= 0 && index < size)) continue;
      this.#count[index] = (this.#count[index] ?? 0) + (count?.[row] ?? 1);
      if (sums !== undefined) sums[index] = (sums[index] ?? 0) + (sum[row] ?? 0);
      if (mins !== undefined) mins[index] = Math.min(mins[index] ?? 0, min[row] ?? 0);
      if (maxs !== undefined) maxs[index] = Math.max(maxs[index] ?? 0, max[row] ?? 0);
      if (lasts !== undefined) lasts[index] = value;
    }
  }

  /**
   * Values within one bucket. For a rate they must be rising between the first and the last.
   *
   * @param from and @param to times of the first and last value, ms
   */
  addSummary(from: number, to: number, { count, min, max, sum, first, last }: Omit<Summary, 'isRising'>): void {
    const { rate } = this.#columns;
    if (rate !== undefined) this.#rise(rate, this.indexOf(from), from, first);
    const one = (value: number) => Float64Array.of(value);
    const row = {
      times: one(to),
      length: 0,
      last: one(last),
      min: one(min),
      max: one(max),
      sum: one(sum),
      count: one(count),
    };
    this.addAll(row, () => true);
  }

  /** One for each bucket; NaN where there is no value. @param fn one of those that it was made for */
  values(fn: QueryFunction): Float64Array {
    const values = new Float64Array(this.#count.length).fill(NaN);
    const column = this.#columns[fn] ?? values;
    const divisors = fn === 'mean' ? this.#count : fn === 'rate' ? this.#seconds : undefined;
    for (let index = 0; index < values.length; index += 1) {
      // A rate of a single value is 0 / 0.
      if (this.#count[index] !== 0) values[index] = (column[index] ?? NaN) / (divisors?.[index] ?? 1);
    }
    return values;
  }

  #rise(increases: Float64Array, index: number, time: number, value: number): void {
    const [since, before] = [this.#previousTime, this.#previousValue];
    this.#previousTime = time;
    this.#previousValue = value;
    if (time <= since || index < 0 || index >= increases.length) return;
    const increase = value >= before ? value - before : value;
    increases[index] = (increases[index] ?? 0) + increase;
    this.#seconds[index] = (this.#seconds[index] ?? 0) + (time - since) / 1000;
  }
}
