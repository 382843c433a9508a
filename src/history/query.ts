/**
 * Queries of one field of one series set. The cheapest source is used that gives the exact answer: where samples are rolled up,
 * quarters of an hour or minutes if buckets are whole ones; else headers of blocks where a block lies within one bucket, then
 * samples. Hours with samples in memory are always answered from samples.
 */
import { Buckets, MAX_BUCKETS, type QueryFunction } from './buckets.ts';
import type { Block } from './codec/block.ts';
import type { Numbers, StoredColumn } from './codec/column.ts';
import { ColumnArrays } from './column-arrays.ts';
import { collate } from './collate.ts';
import type { HeadHour } from './head.ts';
import { numbersOf, statisticOf, type Statistic } from './roll-up.ts';
import type { Samples } from './samples.ts';
import { LENGTHS, type RollUp, type SetSource } from './source.ts';
import { HOUR_MS, MINUTE_MS, QUARTER_MS, startOf, toMs } from './spans.ts';
import type { Summary } from './summary.ts';

export interface Query {
  readonly field: string;
  /** ms since the Unix epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Resolution, ms: at least 1. Buckets begin at multiples of it since the Unix epoch. */
  readonly step: number;
  readonly functions: readonly QueryFunction[];
}

export interface QueryAnswer {
  /** Start of the first bucket, ms since the Unix epoch. */
  readonly from: number;
  readonly step: number;
  /** For each function, in the order asked: one for each bucket; NaN where there is no value. */
  readonly values: readonly Float64Array[];
  /** Columns that were inflated, for benchmarks and tests. */
  readonly inflated: number;
}

/** @throws RangeError for a range that is empty, or has too many buckets */
export function runQuery(source: SetSource, query: Query): QueryAnswer {
  const { from, to, step, functions } = query;
  const isSound = Number.isFinite(from) && Number.isFinite(to) && from < to && step >= 1;
  if (!isSound) throw new RangeError('A range needs a beginning, a later end, and a resolution of at least 1 ms');
  const start = startOf(from, step);
  const size = Math.ceil((to - start) / step);
  if (size > MAX_BUCKETS) throw new RangeError(`A query gives at most ${MAX_BUCKETS} values, not ${size}`);
  const run = new QueryRun(source, query, new Buckets(start, step, size, functions), start);
  run.run(start + size * step);
  return { from: start, step, values: functions.map((fn) => run.buckets.values(fn)), inflated: run.inflated };
}

/** Of the block that is being read; a query ends before the next one begins. */
const arrays = new ColumnArrays();

class QueryRun {
  readonly buckets: Buckets;
  inflated = 0;
  readonly #source: SetSource;
  readonly #query: Query;
  readonly #from: number;
  readonly #headHours: ReadonlyMap<number, HeadHour>;
  readonly #ends: Readonly<Record<RollUp, number>>;

  constructor(source: SetSource, query: Query, buckets: Buckets, from: number) {
    this.#source = source;
    this.#query = query;
    this.buckets = buckets;
    this.#from = from;
    this.#headHours = new Map(source.head.map((each) => [each.hour, each]));
    this.#ends = this.#rollUpEnds();
  }

  get #isRate(): boolean {
    return this.#query.functions.includes('rate');
  }

  /** Up to where roll-ups answer: where they do exactly, and where the samples are gone. */
  #rollUpEnds(): Readonly<Record<RollUp, number>> {
    const { step } = this.#query;
    const { samplesFrom } = this.#source;
    const end = step % MINUTE_MS === 0 ? this.#source.rolledUpTo : -Infinity;
    return { quarters: step % QUARTER_MS === 0 ? end : -Infinity, minutes: Math.max(end, samplesFrom) };
  }

  run(to: number): void {
    const hours = [...this.#headHours.keys()].filter((hour) => hour < to && hour + HOUR_MS > this.#from);
    let at = this.#from;
    for (const hour of hours.sort((a, b) => a - b)) {
      this.#stored(at, Math.max(at, hour));
      this.#headHour(hour, Math.max(at, hour), Math.min(to, hour + HOUR_MS));
      at = Math.max(at, Math.min(to, hour + HOUR_MS));
    }
    this.#stored(at, to);
  }

  /** Quarters, then minutes, then samples: each up to a time. */
  #stored(from: number, to: number): void {
    const { quarters, minutes } = this.#ends;
    const [first, second] = [Math.min(to, quarters), Math.min(to, minutes)];
    // Of a rate the first quarter of an hour alone says nothing.
    const begin = Math.max(from, Math.min(first, this.#isRate ? from + QUARTER_MS : from));
    this.#rollUps('minutes', from, begin);
    this.#rollUps('quarters', begin, first);
    this.#rollUps('minutes', Math.max(begin, first), second);
    const rawFrom = Math.max(from, first, second);
    for (const block of this.#source.blocks('raw', rawFrom, to)) this.#rawBlock(block, rawFrom, to);
  }

  #rawBlock(block: Block, from: number, to: number): void {
    const columns = block.named(this.#query.field).filter(({ kind }) => kind !== 'text');
    const summary = this.#summaryOf(block, columns, from, to);
    if (summary !== undefined) this.buckets.addSummary(toMs(block.firstTime), toMs(block.lastTime), summary);
    else if (columns.length > 0) {
      const times = block.milliseconds(arrays.take('times', block.rows));
      this.#values(times, this.#inflate(block, 'last', columns), from, to);
    }
  }

  /** Undefined if the header does not answer. */
  #summaryOf(block: Block, columns: readonly StoredColumn[], from: number, to: number): Summary | undefined {
    const [column] = columns;
    if (columns.length !== 1 || column === undefined) return undefined;
    const [first, last] = [toMs(block.firstTime), toMs(block.lastTime)];
    const isInOneBucket = first >= from && last < to && this.buckets.indexOf(first) === this.buckets.indexOf(last);
    const summary = isInOneBucket ? column.summary() : undefined;
    // A rate needs the times of the first and the last value, and no reset between them.
    const isEnough = !this.#isRate || (summary?.isRising === true && column.count === block.rows);
    return isEnough ? summary : undefined;
  }

  #headHour(hour: number, from: number, to: number): void {
    const head = this.#headHours.get(hour);
    if (head === undefined) return;
    const stored = this.#source.blocks('raw', hour, hour + HOUR_MS).map((block) => this.#exact(block));
    const { times, columns } = collate([...stored, head.samples]);
    const { field } = this.#query;
    const numbers = columns.flatMap((each) => (each.name !== field || each.kind === 'text' ? [] : [numbersOf(each)]));
    const values = new Float64Array(times.length).fill(NaN);
    for (const column of numbers) {
      for (let row = 0; row < times.length; row += 1) {
        if (column.present?.[row] !== 0) values[row] = column.values[row] ?? NaN;
      }
    }
    this.#values(Float64Array.from(times, toMs), values, from, to);
  }

  /** Only the field: other columns are not inflated. */
  #exact(block: Block): Samples {
    this.inflated += 1;
    return block.samples((name) => name === this.#query.field);
  }

  #rollUps(level: RollUp, from: number, to: number): void {
    for (const block of this.#source.blocks(level, from, to)) {
      if (level === 'quarters' && !this.#isRising(block)) {
        const end = Math.min(to, toMs(block.lastTime) + QUARTER_MS);
        this.#rollUps('minutes', Math.max(from, toMs(block.firstTime)), end);
        continue;
      }
      const times = block.milliseconds(arrays.take('times', block.rows));
      this.buckets.addAll({ times, length: LENGTHS[level], ...this.#statistics(block) }, from, to);
    }
  }

  /** False if a rate is wanted of a counter that has started again, which may be anywhere within a quarter of an hour. */
  #isRising(block: Block): boolean {
    if (!this.#isRate) return true;
    const { field } = this.#query;
    return block.named(statisticOf(field, 'last')).every((column) => column.summary()?.isRising === true);
  }

  /** What the functions need; the rest is the last value, or the sum if only a mean is wanted. */
  #statistics(block: Block) {
    const { field, functions } = this.#query;
    const read = (statistic: Statistic) => this.#inflate(block, statistic, block.named(statisticOf(field, statistic)));
    const sum = functions.includes('mean') ? read('sum') : undefined;
    const last = sum === undefined || functions.some((fn) => fn !== 'mean') ? read('last') : sum;
    return {
      last,
      min: functions.includes('min') ? read('min') : last,
      max: functions.includes('max') ? read('max') : last,
      sum: sum ?? last,
      count: sum && read('count'),
    };
  }

  /** @param last NaN for rows without a value */
  #values(times: Float64Array, last: Float64Array, from: number, to: number): void {
    const values = { times, length: 0, last, min: last, max: last, sum: last, count: undefined };
    this.buckets.addAll(values, from, to);
  }

  /** One value for each row, NaN where there is none. @param columns of one field */
  #inflate(block: Block, statistic: Statistic, columns: readonly StoredColumn[]): Float64Array {
    this.inflated += columns.length;
    const all = arrays.take(statistic, block.rows);
    const [column] = columns;
    if (columns.length === 1 && column !== undefined) return spread(block.numbers(column, all), all);
    all.fill(NaN);
    for (const each of columns) {
      const values = new Float64Array(block.rows);
      for (const [row, value] of spread(block.numbers(each, values), values).entries())
        if (!Number.isNaN(value)) all[row] = value;
    }
    return all;
  }
}

/** One value for each row, NaN where there is none. @param all begins with the values, and is filled here */
function spread({ values, present }: Numbers, all: Float64Array): Float64Array {
  if (present === undefined) return all;
  // From the end, so that no value is overwritten before it is moved.
  for (let row = all.length - 1, rest = values.length; row >= 0; row -= 1)
    all[row] = present[row] === 1 ? (all[(rest -= 1)] ?? NaN) : NaN;
  return all;
}
