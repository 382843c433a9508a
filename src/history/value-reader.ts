/**
 * The values of the fields of one series set one after the other, for statistics: every sample, or the last value of each minute or
 * quarter of an hour. Blocks are read once for all fields.
 */
import type { Block } from './codec/block.ts';
import type { StoredColumn } from './codec/column.ts';
import { numbersOf, statisticOf } from './roll-up.ts';
import { blocksOf, LENGTHS, rolledUpTo, samplesFrom, type SetSource } from './source.ts';
import { startOf, toMs } from './spans.ts';
import type { Level } from './store/schema.ts';

/** In the order of time. Times are ms since the Unix epoch. */
export interface Series {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

interface ReadBlock {
  readonly block: Block;
  readonly times: Float64Array;
}

export class ValueReader {
  readonly #source: SetSource;
  readonly #blocks = new Map<string, readonly ReadBlock[]>();
  readonly #slots = new Map<number, ReadonlySet<number>>();

  constructor(source: SetSource) {
    this.#source = source;
  }

  /** @param to exclusive @param every keeps one of so many values of roll-ups */
  read(field: string, level: Level, from: number, to: number, every = 1): Series {
    if (level === 'raw') return this.#samples(field, from, to);
    const end = Math.min(
      to,
      level === 'minutes' ? Math.max(rolledUpTo(this.#source), samplesFrom(this.#source)) : rolledUpTo(this.#source),
    );
    const out: Growing = { times: [], values: [] };
    // What is in memory is newer than the roll-ups; other minutes of its hour may be rolled up already.
    const inMemory = this.#slotsInMemory(LENGTHS[level]);
    const isWanted = (time: number) => time >= from && time < end && !inMemory.has(time);
    for (const read of this.#read(level, from, end)) {
      for (const column of read.block.named(statisticOf(field, 'last')))
        if (column.kind !== 'text') addColumn(out, read, column, every, isWanted);
    }
    addLasts(out, this.#samples(field, Math.max(from, end), to, from), LENGTHS[level] * every);
    return out;
  }

  /** @param from for stored samples @param headFrom for those in memory */
  #samples(field: string, from: number, to: number, headFrom = from): Series {
    const out: Growing = { times: [], values: [] };
    for (const read of this.#read('raw', from, to)) {
      for (const column of read.block.named(field))
        if (column.kind !== 'text') addColumn(out, read, column, 1, (time) => time >= from && time < to);
    }
    this.#addHead(out, field, headFrom, to);
    return inOrder(out);
  }

  #read(level: Level, from: number, to: number): readonly ReadBlock[] {
    const key = `${level} ${from} ${to}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const blocks = blocksOf(this.#source, level, from, to);
    const read = blocks.map((block) => ({ block, times: block.milliseconds() }));
    this.#blocks.set(key, read);
    return read;
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

  /** Starts of the minutes, or of longer slots, with samples in memory. */
  #slotsInMemory(length: number): ReadonlySet<number> {
    const known = this.#slots.get(length);
    if (known !== undefined) return known;
    const times = this.#source.head.flatMap(({ samples }) => Array.from(samples.times, toMs));
    const slots = new Set(times.map((time) => startOf(time, length)));
    this.#slots.set(length, slots);
    return slots;
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

/** Late samples are in memory, and what came before them may be stored. */
function inOrder(series: Series): Series {
  const { times, values } = series;
  if (times.every((time, index) => index === 0 || time >= (times[index - 1] ?? time))) return series;
  const order = times.map((_, index) => index).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  return { times: order.map((index) => times[index] ?? 0), values: order.map((index) => values[index] ?? 0) };
}

/** The last sample of each slot, at its start. */
function addLasts({ times, values }: Growing, samples: Series, length: number): void {
  for (const [index, time] of samples.times.entries()) {
    const slot = startOf(time, length);
    if (slot === startOf(samples.times[index + 1] ?? NaN, length)) continue;
    times.push(slot);
    values.push(samples.values[index] ?? NaN);
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
