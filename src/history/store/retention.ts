/** Deletes what is too old or too much, in steps of a few milliseconds. The file is never vacuumed as a whole. */
import { DAY_MS, HOUR_MS, startOf } from '../spans.ts';
import type { HistoryDatabase } from './database.ts';

export interface Retention {
  /** Of samples as they were collected, ms. Default 14 days. */
  readonly raw: number;
  /** Of one-minute roll-ups, ms. Default 400 days. */
  readonly minutes: number;
  /** Maximum size of the file, bytes. Default 1 GiB. */
  readonly maxBytes: number;
}

export const DEFAULT_RETENTION: Retention = { raw: 14 * DAY_MS, minutes: 400 * DAY_MS, maxBytes: 2 ** 30 };

/** Maximum blocks deleted in a step. */
const STEP = 64;

/**
 * One step. Of a file that is too large, the oldest raw hour goes first; minutes only when no raw block is left.
 *
 * @param now ms since the Unix epoch
 * @returns true if there is more to delete
 */
export function pruneStep(database: HistoryDatabase, { raw, minutes, maxBytes }: Retention, now: number): boolean {
  const deleted = database.transaction(() => {
    const old =
      pruneRaw(database, startOf(now - raw, HOUR_MS)) + database.prune('minutes', startOf(now - minutes, DAY_MS), STEP);
    if (old > 0 || database.usedBytes <= maxBytes) return old;
    const oldestRaw = database.oldest('raw');
    if (oldestRaw !== undefined) return pruneRaw(database, startOf(oldestRaw, HOUR_MS) + HOUR_MS);
    const oldestMinutes = database.oldest('minutes');
    return oldestMinutes === undefined ? 0 : database.prune('minutes', startOf(oldestMinutes, DAY_MS) + DAY_MS, STEP);
  });
  const isMore = [database.frames.prune(now - raw), database.events.prune(now - minutes)];
  database.pruneSets(STEP);
  database.shrink();
  return deleted > 0 || isMore.includes(true);
}

/** Roll-ups of an hour are made from all of its raw samples: an hour that loses some takes no more. */
function pruneRaw(database: HistoryDatabase, before: number): number {
  const deleted = database.prune('raw', before, STEP);
  if (deleted > 0 && before > database.closedBefore) database.closedBefore = before;
  return deleted;
}
