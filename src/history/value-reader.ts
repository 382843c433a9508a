/**
 * The values of the fields of one series set one after the other, for statistics: the last value of each minute from roll-ups, or
 * every sample. Blocks are read once for all fields.
 */
import { Block } from './codec/block.ts';
import type { StoredColumn } from './codec/column.ts';
import { CorruptBlockError } from './codec/corrupt-block.ts';
import { numbersOf, statisticOf } from './roll-up.ts';
import type { QuerySource } from './query.ts';
import { MINUTE_MS, startOf, toMs } from './spans.ts';

/** In the order of time. Times are ms since the Unix epoch. */
export interface Series {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export type Level = 'raw' | 'minutes';

interface ReadBlock {
  readonly block: Block;
  readonly times: Float64Array;
}

export class ValueReader {
  readonly #source: QuerySource;
  /** Starts of minutes with samples in memory. */
  readonly #headMinutes: ReadonlySet<number>;
  readonly #blocks = new Map<string, readonly ReadBlock[]>();

  constructor(source: QuerySource) {
    this.#source = source;
    const times = source.head.flatMap(({ samples }) => Array.from(samples.times, toMs));
    this.#headMinutes = new Set(times.map((time) => startOf(time, MINUTE_MS)));
  }

  /** @param to exclusive @param every keeps one of so many values */
  read(field: string, level: Level, from: number, to: number, every = 1): Series {
    const out: Growing = { times: [], values: [] };
    // What is in memory is newer than the roll-ups; other minutes of its hour may be stored already.
    const inMemory = level === 'minutes' && this.#headMinutes.size > 0 ? this.#headMinutes : undefined;
    const isWanted = (time: number) => time >= from && time < to && inMemory?.has(time) !== true;
    for (const read of this.#read(level, from, to)) {
      for (const column of read.block.named(level === 'raw' ? field : statisticOf(field, 'last')))
        if (column.kind !== 'text') addColumn(out, read, column, every, isWanted);
    }
    this.#addHead(out, field, from, to);
    return out;
  }

  #read(level: Level, from: number, to: number): readonly ReadBlock[] {
    const key = `${level} ${from} ${to}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const { database, set, onCorrupt } = this.#source;
    const stored = database === undefined || set === undefined ? [] : database.blocks(set, level, from, to);
    const blocks = stored.flatMap(({ bytes }) => {
      try {
        const block = new Block(bytes);
        return [{ block, times: block.milliseconds() }];
      } catch (error) {
        if (!(error instanceof CorruptBlockError)) throw error;
        onCorrupt(error);
        return [];
      }
    });
    this.#blocks.set(key, blocks);
    return blocks;
  }

  #addHead({ times, values }: Growing, field: string, from: number, to: number): void {
    for (const { samples } of this.#source.head.toSorted((a, b) => a.hour - b.hour)) {
      for (const column of samples.columns) {
        if (column.name !== field || column.kind === 'text') continue;
        const numbers = numbersOf(column);
        for (const [row, time] of samples.times.entries()) {
          const ms = toMs(time);
          if (ms < from || ms >= to || numbers.present?.[row] === 0) continue;
          times.push(ms);
          values.push(numbers.values[row] ?? NaN);
        }
      }
    }
  }
}

interface Growing {
  readonly times: number[];
  readonly values: number[];
}

function addColumn(
  { times, values }: Growing,
  read: ReadBlock,
  column: StoredColumn,
  every: number,
  isWanted: (time: number) => boolean,
): void {
  const { values: dense, present } = read.block.numbers(column);
  const add = (row: number, index: number) => {
    const time = read.times[row] ?? NaN;
    if (!isWanted(time)) return;
    times.push(time);
    values.push(dense[index] ?? NaN);
  };
  if (present === undefined) {
    for (let row = 0; row < read.block.rows; row += every) add(row, row);
    return;
  }
  for (let row = 0, index = -1; row < read.block.rows; row += 1) {
    if (present[row] !== 1) continue;
    index += 1;
    if (row % every === 0) add(row, index);
  }
}

/** Increase per second between neighbours; a counter that became smaller has started again at 0. */
export function ratesOf({ times, values }: Series): Series {
  const out: Growing = { times: [], values: [] };
  for (let index = 1; index < times.length; index += 1) {
    const [before, value] = [values[index - 1] ?? NaN, values[index] ?? NaN];
    const seconds = ((times[index] ?? 0) - (times[index - 1] ?? 0)) / 1000;
    if (seconds <= 0) continue;
    out.times.push(times[index] ?? 0);
    out.values.push((value >= before ? value - before : value) / seconds);
  }
  return out;
}
