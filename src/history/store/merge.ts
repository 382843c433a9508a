/** Writes samples into the blocks of their hour. Late, doubled and unordered points: the last write wins. */
import { Block, encodeBlock } from '../codec/block.ts';
import { CorruptBlockError } from '../codec/corrupt-block.ts';
import { collate } from '../collate.ts';
import { rollUp, rollUpMinutes } from '../roll-up.ts';
import { rowAt, sliceRows, type Samples } from '../samples.ts';
import { HOUR_MS, QUARTERS_MS, SPAN_MS, startOf, toMs, toNs } from '../spans.ts';
import type { HistoryDatabase, StoredBlock } from './database.ts';
import type { Level } from './schema.ts';

/** A block of this many rows is left as it is when later samples arrive, and is not joined with others. */
const FULL_ROWS = 8192;

/** So many blocks of like size are joined. Joining each time would write an hour again for every part of it. */
const FAN_IN = 4;

export interface Merge {
  readonly database: HistoryDatabase;
  readonly set: number;
  /** Called for a block that cannot be read; it is removed. */
  readonly onCorrupt: (error: CorruptBlockError) => void;
}

/**
 * Adds samples of one hour, and brings its roll-ups up to date if it has some. To be called in a transaction.
 *
 * @param samples at least one row, all in one hour
 */
export function mergeHour(merge: Merge, samples: Samples): void {
  const first = samples.times[0] ?? 0n;
  const last = samples.times.at(-1) ?? 0n;
  const hour = startOf(toMs(first), HOUR_MS);
  const stored = readBlocks(merge, 'raw', hour, hour + HOUR_MS);
  const isLater = stored.every(({ block }) => block.lastTime < first);
  const touched = isLater
    ? toJoin(stored, samples.times.length)
    : stored.filter(({ block }) => block.rows < FULL_ROWS || (block.firstTime <= last && block.lastTime >= first));
  replaceRaw(merge, touched, samples);
  const { rolledUpTo = -Infinity } = merge.database;
  if (hour < rolledUpTo) addRollUps(merge, hour, [rollUpHour(merge, hour)]);
}

/**
 * As of a log-structured merge tree: a row is written again as often as the logarithm of the number of parts says.
 *
 * @param rows of a new part, which is later than all blocks
 * @returns the last blocks, in the order of time
 */
function toJoin(blocks: readonly Read[], rows: number): readonly Read[] {
  let start = blocks.length;
  for (let size = rows; ;) {
    let from = start;
    let sum = size;
    while (from > 0 && rowsAt(blocks, from - 1) <= 2 * size) sum += rowsAt(blocks, --from);
    if (start - from < FAN_IN - 1 || sum > FULL_ROWS) return blocks.slice(start);
    start = from;
    size = sum;
  }
}

function rowsAt(blocks: readonly Read[], index: number): number {
  return blocks[index]?.block.rows ?? 0;
}

/**
 * Rolls up the samples from one time to another, and joins their blocks. May be done again. To be called in a transaction.
 *
 * @param from and @param to (exclusive) multiples of an hour within one span, ms
 */
export function rollUpSpan(merge: Merge, from: number, to: number): void {
  const minutes: Samples[] = [];
  // By the hour: a source of many samples would fill the memory.
  for (let hour = from; hour < to; hour += HOUR_MS) minutes.push(rollUpHour(merge, hour));
  addRollUps(merge, from, minutes);
  let group: Read[] = [];
  const join = () => {
    if (group.length > 1) replaceRaw(merge, group);
    group = [];
  };
  for (const stored of merge.database.blocks(merge.set, 'raw', startOf(from, SPAN_MS), to)) {
    for (const read of readBlock(merge, stored)) {
      if (group.reduce((sum, { block }) => sum + block.rows, read.block.rows) > FULL_ROWS) join();
      group.push(read);
    }
  }
  join();
}

function rollUpHour(merge: Merge, hour: number): Samples {
  const stored = readBlocks(merge, 'raw', hour, hour + HOUR_MS);
  return rollUp(between(collate(stored.flatMap((read) => samplesOf(merge, read))), hour, hour + HOUR_MS));
}

function replaceRaw(merge: Merge, blocks: readonly Read[], ...more: readonly Samples[]): void {
  const merged = collate([...blocks.flatMap((read) => samplesOf(merge, read)), ...more]);
  for (const { id } of blocks) merge.database.removeBlock(id);
  for (let row = 0; row < merged.times.length; row += FULL_ROWS)
    write(merge, 'raw', sliceRows(merged, row, Math.min(row + FULL_ROWS, merged.times.length)));
}

/** Minutes that samples give again replace those that are there. @param minutes of one span, in the order of time */
function addRollUps(merge: Merge, at: number, minutes: readonly Samples[]): void {
  const stored = mergeRollUps(merge, 'minutes', startOf(at, SPAN_MS), SPAN_MS, minutes);
  // Of the span only: there are minutes of a whole day in files of version 3.
  const ofSpan = between(stored, startOf(at, SPAN_MS), startOf(at, SPAN_MS) + SPAN_MS);
  mergeRollUps(merge, 'quarters', startOf(at, QUARTERS_MS), QUARTERS_MS, [rollUpMinutes(ofSpan)]);
}

/** @returns all roll-ups in the blocks of the period */
function mergeRollUps(merge: Merge, level: Level, start: number, length: number, added: readonly Samples[]): Samples {
  const stored = readBlocks(merge, level, start, start + length);
  const more = added.filter(({ times }) => times.length > 0);
  const all = collate([...stored.flatMap((read) => samplesOf(merge, read)), ...more]);
  if (more.length === 0) return all;
  for (const { id } of stored) merge.database.removeBlock(id);
  write(merge, level, all);
  return all;
}

function between(samples: Samples, from: number, to: number): Samples {
  return sliceRows(samples, rowAt(samples.times, toNs(from)), rowAt(samples.times, toNs(to)));
}

interface Read {
  readonly id: number;
  readonly block: Block;
}

function readBlocks(merge: Merge, level: Level, from: number, to: number): readonly Read[] {
  return merge.database.blocks(merge.set, level, from, to).flatMap((stored) => readBlock(merge, stored));
}

function readBlock(merge: Merge, { id, bytes }: StoredBlock): readonly Read[] {
  return orRemoved(merge, id, () => ({ id, block: new Block(bytes) }));
}

function samplesOf(merge: Merge, { id, block }: Read): readonly Samples[] {
  return orRemoved(merge, id, () => block.samples());
}

/** @returns nothing if the block is corrupt */
function orRemoved<Result>({ database, onCorrupt }: Merge, id: number, read: () => Result): readonly Result[] {
  try {
    return [read()];
  } catch (error) {
    if (!(error instanceof CorruptBlockError)) throw error;
    onCorrupt(error);
    database.removeBlock(id);
    return [];
  }
}

function write({ database, set }: Merge, level: Level, samples: Samples): void {
  const { times } = samples;
  const [from, to] = [toMs(times[0] ?? 0n), toMs(times.at(-1) ?? 0n)];
  database.addBlock(set, level, { from, to, bytes: encodeBlock(samples) });
}
