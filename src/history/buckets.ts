/** The answer to a query: one number for each span of time, made of values and of summaries in the order of time. */
import type { Summary } from './summary.ts';

/** `rate` is the increase per second of a counter; one that becomes smaller has started again at 0. */
export const FUNCTIONS = ['mean', 'min', 'max', 'last', 'rate'] as const;

export type QueryFunction = (typeof FUNCTIONS)[number];

const NONE = -1;

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
  addAll(rows: Statistics, isWanted: (time: number) => boolean): void {
    const { mean, min, max, last, rate } = this.#columns;
    const indices = this.#indicesOf(rows, isWanted);
    addUp(this.#count, indices, rows.count);
    if (mean !== undefined) addUp(mean, indices, rows.sum);
    if (min !== undefined) join(min, indices, rows.min, Math.min);
    if (max !== undefined) join(max, indices, rows.max, Math.max);
    if (last !== undefined) join(last, indices, rows.last, (_, value) => value);
    if (rate === undefined) return;
    for (let row = 0; row < indices.length; row += 1) {
      const index = indices[row] ?? NONE;
      if (index !== NONE) this.#rise(rate, index, (rows.times[row] ?? NaN) + rows.length, rows.last[row] ?? NaN);
    }
  }

  /** Of each row the bucket; -1 if it is in none. One statistic after the other takes less time than row by row. */
  #indicesOf({ times, last }: Statistics, isWanted: (time: number) => boolean): Int32Array {
    const indices = new Int32Array(times.length).fill(NONE);
    for (let row = 0; row < times.length; row += 1) {
      const time = times[row] ?? NaN;
      const index = this.indexOf(time);
      const isInside = index >= 0 && index < this.#count.length;
      if (isInside && isWanted(time) && !Number.isNaN(last[row])) indices[row] = index;
    }
    return indices;
  }

  /**
   * Values within one bucket. For a rate they must be rising between the first and the last.
   *
   * @param from and @param to times of the first and last value, ms
   */
  addSummary(from: number, to: number, { count, min, max, sum, first, last }: Omit<Summary, 'isRising'>): void {
    const { rate } = this.#columns;
    const index = this.indexOf(from);
    if (rate !== undefined && index >= 0 && index < rate.length) this.#rise(rate, index, from, first);
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
    if (time <= since) return;
    const increase = value >= before ? value - before : value;
    increases[index] = (increases[index] ?? 0) + increase;
    this.#seconds[index] = (this.#seconds[index] ?? 0) + (time - since) / 1000;
  }
}

/** @param values undefined: 1 */
function addUp(buckets: Float64Array, indices: Int32Array, values: Float64Array | undefined): void {
  for (let row = 0; row < indices.length; row += 1) {
    const index = indices[row] ?? NONE;
    if (index !== NONE) buckets[index] = (buckets[index] ?? 0) + (values?.[row] ?? 1);
  }
}

function join(
  buckets: Float64Array,
  indices: Int32Array,
  values: Float64Array,
  of: (bucket: number, value: number) => number,
): void {
  for (let row = 0; row < indices.length; row += 1) {
    const index = indices[row] ?? NONE;
    if (index !== NONE) buckets[index] = of(buckets[index] ?? NaN, values[row] ?? NaN);
  }
}
