/** Writes samples into the blocks of their hour. Late, doubled and unordered points: the last write wins. */
import { Block, encodeBlock } from '../codec/block.ts';
import { CorruptBlockError } from '../codec/corrupt-block.ts';
import { collate } from '../collate.ts';
import { rollUp } from '../roll-up.ts';
import { rowAt, sliceRows, type Samples } from '../samples.ts';
import { DAY_MS, HOUR_MS, startOf, toMs, toNs } from '../spans.ts';
import type { HistoryDatabase, StoredBlock } from './database.ts';
import type { Level } from './schema.ts';

/** A block of this many rows is left as it is when later samples arrive. */
const FULL_ROWS = 8192;

export interface Merge {
  readonly database: HistoryDatabase;
  readonly set: number;
  /** Called for a block that cannot be read; it is removed. */
  readonly onCorrupt: (error: CorruptBlockError) => void;
}

/**
 * Adds samples of one hour, and brings the roll-ups of this hour up to date. To be called in a transaction.
 *
 * @param samples at least one row, all in one hour
 */
export function mergeHour(merge: Merge, samples: Samples): void {
  const hour = startOf(toMs(samples.times[0] ?? 0n), HOUR_MS);
  const stored = readBlocks(merge, 'raw', hour, hour + HOUR_MS);
  const first = samples.times[0] ?? 0n;
  const last = samples.times.at(-1) ?? 0n;
  const touched = stored.filter(
    ({ block }) => block.rows < FULL_ROWS || (block.firstTime <= last && block.lastTime >= first),
  );
  const merged = collate([...touched.map(({ samples: before }) => before), samples]);
  for (const { id } of touched) merge.database.removeBlock(id);
  for (let row = 0; row < merged.times.length; row += FULL_ROWS)
    write(merge, 'raw', sliceRows(merged, row, Math.min(row + FULL_ROWS, merged.times.length)));
  const rest = stored.filter((each) => !touched.includes(each)).map(({ samples: full }) => full);
  mergeMinutes(merge, hour, rollUp(rest.length === 0 ? merged : collate([...rest, merged])));
}

function mergeMinutes(merge: Merge, hour: number, minutes: Samples): void {
  const day = startOf(hour, DAY_MS);
  const stored = readBlocks(merge, 'minutes', day, day + DAY_MS);
  for (const { id } of stored) merge.database.removeBlock(id);
  const others = stored.flatMap(({ samples }) => [
    sliceRows(samples, 0, rowAt(samples.times, toNs(hour))),
    sliceRows(samples, rowAt(samples.times, toNs(hour + HOUR_MS)), samples.times.length),
  ]);
  write(merge, 'minutes', collate([...others, minutes]));
}

interface Read {
  readonly id: number;
  readonly block: Block;
  readonly samples: Samples;
}

function readBlocks(merge: Merge, level: Level, from: number, to: number): readonly Read[] {
  return merge.database.blocks(merge.set, level, from, to).flatMap((stored) => readBlock(merge, stored));
}

function readBlock({ database, onCorrupt }: Merge, { id, bytes }: StoredBlock): readonly Read[] {
  try {
    const block = new Block(bytes);
    return [{ id, block, samples: block.samples() }];
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
