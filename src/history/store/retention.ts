/** Deletes what is too old or too much, in steps of a few milliseconds. The file is never vacuumed as a whole. */
import type { Clock } from '../../core/clock.ts';
import { DAY_MS, HOUR_MS, startOf } from '../spans.ts';
import type { HistoryDatabase } from './database.ts';
import type { Level } from './schema.ts';

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
  #last: Readonly<Record<Level, number>> = { raw: -Infinity, minutes: -Infinity };

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#elapsed = clock.elapsed();
  }

  /** ms since the Unix epoch. */
  times(database: HistoryDatabase, retention: Retention): Readonly<Record<Level, number>> {
    const elapsed = this.#clock.elapsed();
    const catchUp = CATCH_UP * (elapsed - this.#elapsed);
    const timeOf = (level: Level) => {
      const nothingBefore = (database.oldest(level) ?? Infinity) + retention[level];
      return Math.min(this.#clock.now(), Math.max(nothingBefore, this.#last[level] + catchUp));
    };
    this.#elapsed = elapsed;
    this.#last = { raw: timeOf('raw'), minutes: timeOf('minutes') };
    return this.#last;
  }
}

/**
 * One step. Of a file that is too large, the oldest hour of samples and processes goes first; roll-ups and events only when none of
 * those are left.
 *
 * @param now for each level, ms since the Unix epoch
 * @returns true if there is more to delete
 */
export function pruneStep(
  database: HistoryDatabase,
  { raw, minutes, maxBytes }: Retention,
  now: Readonly<Record<Level, number>>,
): boolean {
  const { frames, events } = database;
  const isMore = database.transaction(() => {
    const old = [
      pruneRaw(database, startOf(now.raw - raw, HOUR_MS)) > 0,
      database.prune('minutes', startOf(now.minutes - minutes, DAY_MS), STEP) > 0,
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
  const hour = earlier(database.oldest('raw'), frames.oldest);
  if (hour !== undefined) {
    const before = startOf(hour, HOUR_MS) + HOUR_MS;
    pruneRaw(database, before);
    frames.prune(before);
    return true;
  }
  const day = earlier(database.oldest('minutes'), events.oldest);
  if (day === undefined) return false;
  const before = startOf(day, DAY_MS) + DAY_MS;
  database.prune('minutes', before, STEP);
  events.prune(before);
  return true;
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
