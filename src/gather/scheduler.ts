/**
 * When an input is gathered. Ticks are aligned to multiples of the interval on the wall clock, so that the hosts of a
 * fleet are sampled at the same instants. A tick aims at a computed target and re-arms when a timer fires early; a fixed
 * period would drift by a minute and a half a day.
 */
import { nanoseconds, type Clock } from '../core/clock.ts';

/** All in milliseconds. */
export interface Schedule {
  readonly interval: number;
  /** A random delay below this is drawn for each tick. */
  readonly jitter: number;
  /** A fixed shift of each tick. */
  readonly offset: number;
}

/** The first tick strictly after `now`. Milliseconds since the Unix epoch. */
export function nextTick(now: number, { interval, offset }: Schedule): number {
  return (Math.floor((now - offset) / interval) + 1) * interval + offset;
}

/**
 * Calls `tick` at once, so that there is something to see and counters have a first sample, and then at each tick. Does
 * not wait for the work that `tick` starts.
 *
 * `tick` gets the time its metrics carry, in nanoseconds since the Unix epoch. A gather on the grid carries the tick
 * itself, without the jitter, so that points of several inputs join in a query. A gather off the grid (the first one, and
 * one after a suspend) carries the millisecond it starts at. Times strictly increase, because a database keeps only one
 * of two samples with equal times. The exception is a wall clock set back by more than interval and jitter: ticks go on
 * at the new time, and an instant that comes a second time replaces the sample that the wrong clock put there. After a
 * smaller step back the next tick waits until its time comes.
 *
 * @returns a function that ends it
 */
export function startSchedule(
  schedule: Schedule,
  tick: (time: bigint) => void,
  clock: Clock,
  random: () => number,
): () => void {
  /** No correct wait is longer; a longer one means that the wall clock was set back. */
  const longest = schedule.interval + schedule.jitter;
  let cancel: () => void;

  function aim(now: number): void {
    const nominal = nextTick(now, schedule);
    arm(nominal, nominal + random() * schedule.jitter, now);
  }

  function arm(nominal: number, target: number, now: number): void {
    cancel = clock.after(Math.ceil(target - now), () => {
      fire(nominal, target);
    });
  }

  function fire(nominal: number, target: number): void {
    const now = clock.now();
    if (target - now > longest) aim(now);
    else if (target > now) arm(nominal, target, now);
    else {
      // Ticks missed by a suspended machine or a clock set forward are not made up for: one tick, for now.
      aim(now);
      tick(nanoseconds(now - target < longest ? nominal : now));
    }
  }

  const start = clock.now();
  aim(start);
  tick(nanoseconds(start));
  return () => {
    cancel();
  };
}
