/** The answer to a query: one number for each span of time, made of values and of summaries in the order of time. */
import type { Summary } from './summary.ts';

/** `rate` is the increase per second of a counter; one that becomes smaller has started again at 0. */
export const FUNCTIONS = ['mean', 'min', 'max', 'last', 'rate'] as const;

export type QueryFunction = (typeof FUNCTIONS)[number];

/** Bound of an answer. */
export const MAX_BUCKETS = 50_000;

export class Buckets {
  readonly #from: number;
  readonly #step: number;
  readonly #count: Float64Array;
  readonly #sum: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #last: Float64Array;
  readonly #increase: Float64Array;
  /** Seconds over which the increase was seen. */
  readonly #seconds: Float64Array;
  /** Of the newest value so far, of all buckets. */
  #previousTime = Infinity;
  #previousValue = 0;

  /**
   * @param from start of the first bucket, ms since the Unix epoch
   * @param step length of each, ms
   */
  constructor(from: number, step: number, size: number) {
    this.#from = from;
    this.#step = step;
    this.#count = new Float64Array(size);
    this.#sum = new Float64Array(size);
    this.#min = new Float64Array(size).fill(Infinity);
    this.#max = new Float64Array(size).fill(-Infinity);
    this.#last = new Float64Array(size);
    this.#increase = new Float64Array(size);
    this.#seconds = new Float64Array(size);
  }

  /** @param time ms since the Unix epoch */
  indexOf(time: number): number {
    return Math.floor((time - this.#from) / this.#step);
  }

  /** @param time ms; outside of all buckets only the base of a rate */
  addValue(time: number, value: number): void {
    const index = this.indexOf(time);
    this.#rise(index, time, value);
    this.#add(index, 1, value, value, value, value);
  }

  /** The values of one minute. A rate is the one of the last values. @param time of the minute, ms */
  addMinute(time: number, count: number, min: number, max: number, sum: number, last: number): void {
    const index = this.indexOf(time);
    this.#rise(index, time, last);
    this.#add(index, count, min, max, sum, last);
  }

  /**
   * Values within one bucket. For a rate they must be rising between the first and the last.
   *
   * @param from and @param to times of the first and last value, ms
   */
  addSummary(from: number, to: number, { count, min, max, sum, first, last }: Omit<Summary, 'isRising'>): void {
    const index = this.indexOf(from);
    this.#rise(index, from, first);
    this.#rise(index, to, last);
    this.#add(index, count, min, max, sum, last);
  }

  /** One for each bucket; NaN where there is no value. */
  values(fn: QueryFunction): Float64Array {
    return this.#count.map((count, index) =>
      count === 0 ? NaN : (this.#column(fn)[index] ?? NaN) / this.#divisor(fn, index),
    );
  }

  #column(fn: QueryFunction): Float64Array {
    switch (fn) {
      case 'mean':
        return this.#sum;
      case 'min':
        return this.#min;
      case 'max':
        return this.#max;
      case 'last':
        return this.#last;
      case 'rate':
        return this.#increase;
    }
  }

  /** 0 for a rate of a single value, which is NaN. */
  #divisor(fn: QueryFunction, index: number): number {
    if (fn === 'mean') return this.#count[index] ?? 0;
    return fn === 'rate' ? (this.#seconds[index] ?? 0) : 1;
  }

  #add(index: number, count: number, min: number, max: number, sum: number, last: number): void {
    if (index < 0 || index >= this.#count.length) return;
    this.#count[index] = (this.#count[index] ?? 0) + count;
    this.#sum[index] = (this.#sum[index] ?? 0) + sum;
    if (min < (this.#min[index] ?? min)) this.#min[index] = min;
    if (max > (this.#max[index] ?? max)) this.#max[index] = max;
    this.#last[index] = last;
  }

  #rise(index: number, time: number, value: number): void {
    const [since, before] = [this.#previousTime, this.#previousValue];
    this.#previousTime = time;
    this.#previousValue = value;
    if (time <= since || index < 0 || index >= this.#increase.length) return;
    const increase = value >= before ? value - before : value;
    this.#increase[index] = (this.#increase[index] ?? 0) + increase;
    this.#seconds[index] = (this.#seconds[index] ?? 0) + (time - since) / 1000;
  }
}
