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
  readonly #isMeanOnly: boolean;
  /** For the rows of one call, used again by the next. */
  #indices = new Int32Array(0);
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
    this.#isMeanOnly = functions.every((fn) => fn === 'mean');
    this.#seconds = new Float64Array(functions.includes('rate') ? size : 0);
  }

  /** @param time ms since the Unix epoch */
  indexOf(time: number): number {
    return Math.floor((time - this.#from) / this.#step);
  }

  /** @param from and @param to (exclusive) of the starts of rows, ms; others are left out. A rate is the one of the last values. */
  addAll(rows: Statistics, from: number, to: number): void {
    const { mean, min, max, last, rate } = this.#columns;
    const start = firstFrom(rows.times, Math.max(from, this.#from));
    const end = firstFrom(rows.times, Math.min(to, this.#from + this.#count.length * this.#step));
    if (this.#isMeanOnly && rows.count === undefined) {
      this.#addMeans(rows, start, end);
      return;
    }
    const indices = this.#indicesOf(rows, start, end);
    if (rows.count === undefined) countUp(this.#count, indices);
    else addUp(this.#count, indices, rows.count, start);
    if (mean !== undefined) addUp(mean, indices, rows.sum, start);
    if (min !== undefined) lower(min, indices, rows.min, start);
    if (max !== undefined) raise(max, indices, rows.max, start);
    if (last !== undefined) replace(last, indices, rows.last, start);
    if (rate !== undefined) this.#addRises(rate, indices, rows, start);
  }

  /** @param start the row of the first index */
  #addRises(rate: Float64Array, indices: Int32Array, { times, length, last }: Statistics, start: number): void {
    for (let row = 0; row < indices.length; row += 1) {
      const index = indices[row] ?? NONE;
      const time = times[start + row] ?? NaN;
      if (index !== NONE) this.#rise(rate, index, time + length, last[start + row] ?? NaN);
    }
  }

  /** What most charts ask for, in one pass. */
  #addMeans({ times, sum }: Statistics, start: number, end: number): void {
    const [first, step, counts, sums] = [this.#from, this.#step, this.#count, this.#columns.mean ?? this.#count];
    for (let row = start; row < end; row += 1) {
      const value = sum[row] ?? NaN;
      if (Number.isNaN(value)) continue;
      const index = Math.floor(((times[row] ?? NaN) - first) / step);
      counts[index] = (counts[index] ?? 0) + 1;
      sums[index] = (sums[index] ?? 0) + value;
    }
  }

  /** Of each row from `start` to `end` the bucket; -1 if it has no value. One statistic after the other takes less time than row by row. */
  #indicesOf({ times, last }: Statistics, start: number, end: number): Int32Array {
    if (this.#indices.length < end - start) this.#indices = new Int32Array(end - start);
    const indices = this.#indices.subarray(0, Math.max(0, end - start));
    const [first, step] = [this.#from, this.#step];
    for (let row = start; row < end; row += 1) {
      const isThere = !Number.isNaN(last[row]);
      indices[row - start] = isThere ? Math.floor(((times[row] ?? NaN) - first) / step) : NONE;
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
    this.addAll(row, to, to + 1);
  }

  /** One for each bucket; NaN where there is no value. @param fn one of those that it was made for */
  values(fn: QueryFunction): Float64Array {
    const counts = this.#count;
    const values = this.#columns[fn]?.slice() ?? new Float64Array(counts.length);
    const divisors = fn === 'rate' ? this.#seconds : counts;
    const isQuotient = fn === 'mean' || fn === 'rate';
    for (let index = 0; index < values.length; index += 1) {
      if (counts[index] === 0) values[index] = NaN;
      // A rate of a single value is 0 / 0.
      else if (isQuotient) values[index] = (values[index] ?? NaN) / (divisors[index] ?? NaN);
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

/** The first row at or after a time. */
export function firstFrom(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Of the next functions, `start` is the row of the first index. One with a callback would take several times as long.

function countUp(buckets: Float64Array, indices: Int32Array): void {
  for (let row = 0; row < indices.length; row += 1) {
    const index = indices[row] ?? NONE;
    if (index !== NONE) buckets[index] = (buckets[index] ?? 0) + 1;
  }
}

function addUp(buckets: Float64Array, indices: Int32Array, values: Float64Array, start: number): void {
  for (let row = 0; row < indices.length; row += 1) {
    const index = indices[row] ?? NONE;
    if (index !== NONE) buckets[index] = (buckets[index] ?? 0) + (values[start + row] ?? NaN);
  }
}

function lower(buckets: Float64Array, indices: Int32Array, values: Float64Array, start: number): void {
  for (let row = 0; row < indices.length; row += 1) {
    const index = indices[row] ?? NONE;
    const value = values[start + row] ?? NaN;
    if (index !== NONE && value < (buckets[index] ?? NaN)) buckets[index] = value;
  }
}

function raise(buckets: Float64Array, indices: Int32Array, values: Float64Array, start: number): void {
  for (let row = 0; row < indices.length; row += 1) {
    const index = indices[row] ?? NONE;
    const value = values[start + row] ?? NaN;
    if (index !== NONE && value > (buckets[index] ?? NaN)) buckets[index] = value;
  }
}

function replace(buckets: Float64Array, indices: Int32Array, values: Float64Array, start: number): void {
  for (let row = 0; row < indices.length; row += 1) {
    const index = indices[row] ?? NONE;
    if (index !== NONE) buckets[index] = values[start + row] ?? NaN;
  }
}
