/**
 * Queries of one field of one series set. The cheapest source is used that gives the exact answer: headers of blocks where a
 * block lies within one bucket, then roll-ups for whole minutes, then samples. Hours with samples in memory are always
 * answered from samples.
 */
import { Buckets, MAX_BUCKETS, type QueryFunction } from './buckets.ts';
import { Block } from './codec/block.ts';
import type { StoredColumn } from './codec/column.ts';
import { CorruptBlockError } from './codec/corrupt-block.ts';
import { collate } from './collate.ts';
import type { HeadHour } from './head.ts';
import { numbersOf, statisticOf, type Statistic } from './roll-up.ts';
import type { Samples } from './samples.ts';
import { HOUR_MS, MINUTE_MS, startOf, toMs } from './spans.ts';
import type { HistoryDatabase } from './store/database.ts';
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

export interface QuerySource {
  /** Undefined: nothing is stored. */
  readonly database: HistoryDatabase | undefined;
  /** In the database; undefined if nothing of it is stored. */
  readonly set: number | undefined;
  readonly head: readonly HeadHour[];
  readonly onCorrupt: (error: CorruptBlockError) => void;
}

/** @throws RangeError for a range that is empty, or has too many buckets */
export function runQuery(source: QuerySource, query: Query): QueryAnswer {
  const { from, to, step, functions } = query;
  const isSound = Number.isFinite(from) && Number.isFinite(to) && from < to && step >= 1;
  if (!isSound) throw new RangeError('A range needs a beginning, a later end, and a resolution of at least 1 ms');
  const start = startOf(from, step);
  const size = Math.ceil((to - start) / step);
  if (size > MAX_BUCKETS) throw new RangeError(`A query gives at most ${MAX_BUCKETS} values, not ${size}`);
  const run = new QueryRun(source, query, new Buckets(start, step, size), start);
  run.run(start + size * step);
  return { from: start, step, values: functions.map((fn) => run.buckets.values(fn)), inflated: run.inflated };
}

class QueryRun {
  readonly buckets: Buckets;
  inflated = 0;
  readonly #source: QuerySource;
  readonly #query: Query;
  readonly #from: number;
  readonly #headHours: ReadonlyMap<number, HeadHour>;

  constructor(source: QuerySource, query: Query, buckets: Buckets, from: number) {
    this.#source = source;
    this.#query = query;
    this.buckets = buckets;
    this.#from = from;
    this.#headHours = new Map(source.head.map((each) => [each.hour, each]));
  }

  run(to: number): void {
    const { step } = this.#query;
    // The oldest raw hours are gone first.
    const rawFrom = this.#rawFrom();
    const useMinutes = step % MINUTE_MS === 0 && step % HOUR_MS !== 0;
    let at = this.#from;
    if (!useMinutes && rawFrom > at) {
      this.#minutes(at, Math.min(to, rawFrom));
      at = Math.min(to, rawFrom);
    }
    const hours = [...this.#headHours.keys()].filter((hour) => hour < to && hour + HOUR_MS > at).sort((a, b) => a - b);
    for (const hour of hours) {
      this.#stored(at, Math.max(at, hour), useMinutes);
      this.#headHour(hour, Math.max(at, hour), Math.min(to, hour + HOUR_MS));
      at = Math.max(at, Math.min(to, hour + HOUR_MS));
    }
    this.#stored(at, to, useMinutes);
  }

  /** Start of the oldest hour with raw samples on disk or in memory. */
  #rawFrom(): number {
    const { database, set } = this.#source;
    const stored = set === undefined ? undefined : database?.oldest('raw', set);
    return startOf(Math.min(stored ?? Infinity, ...this.#headHours.keys()), HOUR_MS);
  }

  #stored(from: number, to: number, useMinutes: boolean): void {
    if (from >= to) return;
    if (useMinutes) this.#minutes(from, to);
    else for (const block of this.#blocks('raw', from, to)) this.#rawBlock(block, from, to);
  }

  #rawBlock(block: Block, from: number, to: number): void {
    const columns = block.named(this.#query.field).filter(({ kind }) => kind !== 'text');
    const summary = this.#summaryOf(block, columns, from, to);
    if (summary !== undefined) this.buckets.addSummary(toMs(block.firstTime), toMs(block.lastTime), summary);
    else if (columns.length > 0) this.#values(block.milliseconds(), this.#inflate(block, columns), from, to);
  }

  /** Undefined if the header does not answer. */
  #summaryOf(block: Block, columns: readonly StoredColumn[], from: number, to: number): Summary | undefined {
    const [column] = columns;
    if (columns.length !== 1 || column?.summary === undefined) return undefined;
    const [first, last] = [toMs(block.firstTime), toMs(block.lastTime)];
    const isInOneBucket = first >= from && last < to && this.buckets.indexOf(first) === this.buckets.indexOf(last);
    // A rate needs the times of the first and the last value, and no reset between them.
    const isEnough =
      !this.#query.functions.includes('rate') || (column.summary.isRising && column.count === block.rows);
    return isInOneBucket && isEnough ? column.summary : undefined;
  }

  #headHour(hour: number, from: number, to: number): void {
    const head = this.#headHours.get(hour);
    if (head === undefined) return;
    const stored = this.#blocks('raw', hour, hour + HOUR_MS).map((block) => this.#exact(block));
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

  #minutes(from: number, to: number): void {
    for (const block of this.#blocks('minutes', from, to)) {
      const { last, min, max, sum, count } = this.#statistics(block);
      const times = block.milliseconds();
      for (let row = 0; row < times.length; row += 1) {
        const [time, value] = [times[row] ?? NaN, last[row] ?? NaN];
        if (Number.isNaN(value) || !this.#isStoredIn(time, from, to)) continue;
        const at = (column: Float64Array | undefined, other: number) => column?.[row] ?? other;
        this.buckets.addMinute(time, at(count, 1), at(min, value), at(max, value), at(sum, value), value);
      }
    }
  }

  /** Of each minute what the functions need; the rest is the last value, or the sum if only a mean is wanted. */
  #statistics(block: Block) {
    const { field, functions } = this.#query;
    const read = (statistic: Statistic) => this.#inflate(block, block.named(statisticOf(field, statistic)));
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

  #isStoredIn(time: number, from: number, to: number): boolean {
    if (time < from || time >= to) return false;
    return this.#headHours.size === 0 || !this.#headHours.has(startOf(time, HOUR_MS));
  }

  /** @param values NaN for rows without one */
  #values(times: Float64Array, values: Float64Array, from: number, to: number): void {
    for (let row = 0; row < times.length; row += 1) {
      const [time, value] = [times[row] ?? NaN, values[row] ?? NaN];
      if (!Number.isNaN(value) && time >= from && time < to) this.buckets.addValue(time, value);
    }
  }

  /** One value for each row, NaN where there is none. @param columns of one field */
  #inflate(block: Block, columns: readonly StoredColumn[]): Float64Array {
    this.inflated += columns.length;
    const all = new Float64Array(block.rows).fill(NaN);
    for (const column of columns) {
      const { values, present } = block.numbers(column);
      if (present === undefined) return values;
      else
        for (let row = 0, next = 0; row < block.rows; row += 1)
          if (present[row] === 1) all[row] = values[next++] ?? NaN;
    }
    return all;
  }

  #blocks(level: 'raw' | 'minutes', from: number, to: number): readonly Block[] {
    const { database, set, onCorrupt } = this.#source;
    if (database === undefined || set === undefined || from >= to) return [];
    return database.blocks(set, level, from, to).flatMap(({ bytes }) => {
      try {
        return [new Block(bytes)];
      } catch (error) {
        if (!(error instanceof CorruptBlockError)) throw error;
        onCorrupt(error);
        return [];
      }
    });
  }
}
