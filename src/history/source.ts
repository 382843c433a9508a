/** Where the samples of one series set are: in blocks and in memory. */
import { Block } from './codec/block.ts';
import { CorruptBlockError } from './codec/corrupt-block.ts';
import type { HeadHour } from './head.ts';
import { HOUR_MS, MINUTE_MS, QUARTER_MS, startOf } from './spans.ts';
import type { HistoryDatabase } from './store/database.ts';
import type { Level } from './store/schema.ts';

export interface SetSource {
  /** Undefined: nothing is stored. */
  readonly database: HistoryDatabase | undefined;
  /** In the database; undefined if nothing of it is stored. */
  readonly set: number | undefined;
  readonly head: readonly HeadHour[];
  readonly onCorrupt: (error: CorruptBlockError) => void;
}

export type RollUp = Exclude<Level, 'raw'>;

/** Of a row of roll-ups, ms. */
export const LENGTHS: Readonly<Record<RollUp, number>> = { minutes: MINUTE_MS, quarters: QUARTER_MS };

/** Those with a row from `from` to `to` (exclusive), oldest first, without damaged ones. */
export function blocksOf(source: SetSource, level: Level, from: number, to: number): readonly Block[] {
  const { database, set, onCorrupt } = source;
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

/** All samples before this time, ms, are in quarters and in minutes. */
export function rolledUpTo({ database }: SetSource): number {
  return database?.rolledUpTo ?? -Infinity;
}

/** Start of the oldest hour with samples, on disk or in memory, ms: what is older is in minutes only. */
export function samplesFrom({ database, set, head }: SetSource): number {
  const stored = set === undefined ? undefined : database?.oldest('raw', set);
  return startOf(Math.min(stored ?? Infinity, ...head.map(({ hour }) => hour)), HOUR_MS);
}
