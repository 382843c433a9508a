/** Deletes what is too old or too much, in steps of a few milliseconds. The file is never vacuumed as a whole. */
import type { Clock } from '../../core/clock.ts';
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

/** Levels whose age counts; quarters go with the minutes that they are made of. */
type Aged = 'raw' | 'minutes';

/** Maximum blocks deleted in a step. */
const STEP = 64;

/** How much faster than time the retention may catch up: a day in an hour. */
const CATCH_UP = 24;

/**
 * The time by which things become too old, one for each level. It is the clock's, but a clock that is set forwards must not delete
 * everything at once: from the moment at which the oldest is too old it follows at 24 times its speed. A clock that is soon set
 * back has cost little.
 */
export class Aging {
  readonly #clock: Clock;
  #elapsed: number;
  #last: Readonly<Record<Aged, number>> = { raw: -Infinity, minutes: -Infinity };

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#elapsed = clock.elapsed();
  }

  /** ms since the Unix epoch. */
  times(database: HistoryDatabase, retention: Retention): Readonly<Record<Aged, number>> {
    const elapsed = this.#clock.elapsed();
    const catchUp = CATCH_UP * (elapsed - this.#elapsed);
    const timeOf = (level: Aged) => {
      const nothingBefore = (database.oldest(level) ?? Infinity) + retention[level];
      return Math.min(this.#clock.now(), Math.max(nothingBefore, this.#last[level] + catchUp));
    };
    this.#elapsed = elapsed;
    this.#last = { raw: timeOf('raw'), minutes: timeOf('minutes') };
    return this.#last;
  }
}

/**
 * One step. Of a file that is too large, the oldest block of samples and processes goes first; roll-ups and events only when none of
 * those are left.
 *
 * @param now for each level, ms since the Unix epoch
 * @returns true if there is more to delete
 */
export function pruneStep(
  database: HistoryDatabase,
  { raw, minutes, maxBytes }: Retention,
  now: Readonly<Record<Aged, number>>,
): boolean {
  const { frames, events } = database;
  const isMore = database.transaction(() => {
    const old = [
      // What is not rolled up yet would be missing there.
      pruneRaw(database, Math.min(startOf(now.raw - raw, HOUR_MS), database.rolledUpTo ?? -Infinity)) > 0,
      pruneRollUps(database, startOf(now.minutes - minutes, DAY_MS)) > 0,
      frames.prune(now.raw - raw),
      events.prune(now.minutes - minutes),
    ];
    return old.includes(true) || (database.usedBytes > maxBytes && pruneOldest(database));
  });
  database.pruneSets(STEP);
  database.shrink();
  return isMore;
}

/** @returns false if there is nothing left */
function pruneOldest(database: HistoryDatabase): boolean {
  const { frames, events } = database;
  const oldest = earlier(database.oldestEnd('raw'), frames.oldest);
  if (oldest !== undefined) {
    const before = startOf(oldest, HOUR_MS) + HOUR_MS;
    pruneRaw(database, before);
    frames.prune(before);
    return true;
  }
  const day = earlier(earlier(database.oldestEnd('minutes'), database.oldestEnd('quarters')), events.oldest);
  if (day === undefined) return false;
  const before = startOf(day, DAY_MS) + DAY_MS;
  pruneRollUps(database, before);
  events.prune(before);
  return true;
}

/** A block of quarters goes when the last of its minutes have. */
function pruneRollUps(database: HistoryDatabase, before: number): number {
  return database.prune('minutes', before, STEP) + database.prune('quarters', before, STEP);
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** Roll-ups of an hour are made from all of its raw samples: an hour that loses some takes no more. */
function pruneRaw(database: HistoryDatabase, before: number): number {
  const deleted = database.prune('raw', before, STEP);
  if (deleted > 0 && before > database.closedBefore) database.closedBefore = before;
  return deleted;
}
