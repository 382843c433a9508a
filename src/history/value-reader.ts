/**
 * The values of the fields of one series set one after the other, for statistics: every sample, or the last value of each minute or
 * quarter of an hour. Blocks are read once for all fields.
 */
import { firstFrom } from './buckets.ts';
import type { Block } from './codec/block.ts';
import type { StoredColumn } from './codec/column.ts';
import { ColumnArrays } from './column-arrays.ts';
import { numbersOf, statisticOf } from './roll-up.ts';
import { between, inOrder, SeriesBuilder, type Series } from './series.ts';
import { LENGTHS, type SetSource } from './source.ts';
import { startOf, toMs } from './spans.ts';
import type { Level } from './store/schema.ts';

const NO_SLOTS: ReadonlySet<number> = new Set();

/** Two spans of the same length, ms. */
export interface Spans {
  readonly before: number;
  readonly after: number;
  readonly length: number;
  readonly level: Level;
  /** Keeps one of so many values of roll-ups. */
  readonly every: number;
}

/** What is wanted of a block. */
interface Cut {
  readonly from: number;
  readonly to: number;
  readonly every: number;
  /** Times of rows that are left out. */
  readonly without: ReadonlySet<number>;
}

/** Of the block that is being read. */
const arrays = new ColumnArrays();

export class ValueReader {
  readonly #source: SetSource;
  readonly #times = new Map<Block, Float64Array>();
  readonly #slots = new Map<number, ReadonlySet<number>>();

  constructor(source: SetSource) {
    this.#source = source;
  }

  /** Of both spans, the earlier one first. */
  readSpans(field: string, { before, after, length, level, every }: Spans): readonly [Series, Series] {
    const isApart = after - before > length;
    if (isApart)
      return [
        this.read(field, level, before, before + length, every),
        this.read(field, level, after, after + length, every),
      ];
    // Spans that touch have blocks in common.
    const all = this.read(field, level, before, after + length, every);
    return [between(all, before, before + length), between(all, after, after + length)];
  }

  /** @param to exclusive @param every keeps one of so many values of roll-ups */
  read(field: string, level: Level, from: number, to: number, every = 1): Series {
    const out = new SeriesBuilder();
    if (level === 'raw') {
      this.#addSamples(out, field, from, to);
      this.#addHead(out, field, from, to);
      return inOrder(out.finish());
    }
    const { rolledUpTo, samplesFrom } = this.#source;
    const end = Math.min(to, level === 'minutes' ? Math.max(rolledUpTo, samplesFrom) : rolledUpTo);
    // What is in memory is newer than the roll-ups; other minutes of its hour may be rolled up already.
    const cut = { from, to: end, every, without: this.#slotsInMemory(LENGTHS[level]) };
    for (const block of this.#source.blocks(level, from, end))
      this.#addColumns(out, block, statisticOf(field, 'last'), cut);
    const newer = new SeriesBuilder();
    this.#addSamples(newer, field, Math.max(from, end), to, level === 'quarters');
    this.#addHead(newer, field, from, to);
    addLasts(out, inOrder(newer.finish()), LENGTHS[level] * every);
    return out.finish();
  }

  /** @param isRough of a block within the range, its last value is enough: that is in the header */
  #addSamples(out: SeriesBuilder, field: string, from: number, to: number, isRough = false): void {
    for (const block of this.#source.blocks('raw', from, to)) {
      const [first, last] = [toMs(block.firstTime), toMs(block.lastTime)];
      if (isRough && first >= from && last < to) addLast(out, block, field, last);
      else this.#addColumns(out, block, field, { from, to, every: 1, without: NO_SLOTS });
    }
  }

  #addColumns(out: SeriesBuilder, block: Block, name: string, cut: Cut): void {
    const columns = block.named(name).filter(({ kind }) => kind !== 'text');
    for (const column of columns) addColumn(out, block, column, this.#timesOf(block), cut);
  }

  #timesOf(block: Block): Float64Array {
    const times = this.#times.get(block) ?? block.milliseconds();
    this.#times.set(block, times);
    return times;
  }

  #addHead(out: SeriesBuilder, field: string, from: number, to: number): void {
    for (const { samples } of this.#source.head.toSorted((a, b) => a.hour - b.hour)) {
      for (const column of samples.columns) {
        if (column.name !== field || column.kind === 'text') continue;
        const numbers = numbersOf(column);
        for (const [row, time] of samples.times.entries()) {
          const ms = toMs(time);
          if (ms >= from && ms < to && numbers.present?.[row] !== 0) out.add(ms, numbers.values[row] ?? NaN);
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

function addLast(out: SeriesBuilder, block: Block, field: string, time: number): void {
  for (const column of block.named(field)) {
    const summary = column.summary();
    if (summary !== undefined) out.add(time, summary.last);
  }
}

function addColumn(out: SeriesBuilder, block: Block, column: StoredColumn, times: Float64Array, cut: Cut): void {
  const { values, present } = block.numbers(column, arrays.take('last', block.rows));
  const [start, end] = [firstFrom(times, cut.from), firstFrom(times, cut.to)];
  const { every, without } = cut;
  out.reserve(Math.max(0, Math.ceil((end - start) / every)));
  // Without a value for each row, the index of a value is the number of rows before that have one.
  let index = present === undefined ? start : onesBefore(present, start);
  for (let row = start; row < end; row += 1) {
    if (present?.[row] === 0) continue;
    const time = times[row] ?? NaN;
    if (row % every === 0 && (without.size === 0 || !without.has(time))) out.add(time, values[index] ?? NaN);
    index += 1;
  }
}

function onesBefore(present: Uint8Array, end: number): number {
  let sum = 0;
  for (let row = 0; row < end; row += 1) sum += present[row] ?? 0;
  return sum;
}

/** The last sample of each slot, at its start. */
function addLasts(out: SeriesBuilder, { times, values }: Series, length: number): void {
  for (let index = 0; index < times.length; index += 1) {
    const slot = startOf(times[index] ?? NaN, length);
    if (slot !== startOf(times[index + 1] ?? NaN, length)) out.add(slot, values[index] ?? NaN);
  }
}
