/**
 * When an input is gathered. Ticks are aligned to multiples of the interval on the wall clock, so that the hosts of a
 * fleet are sampled at the same instants. A tick aims at a computed target and re-arms when a timer fires early; a fixed
 * period would drift by a minute and a half a day.
 */
import type { Clock } from '../core/clock.ts';

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
 * The time that metrics of a tick carry: whole seconds for intervals of a second or more, so that points of several
 * inputs join in a query, else milliseconds.
 */
export function stamp(time: number, { interval }: Schedule): bigint {
  const precision = interval >= 1000 ? 1000 : 1;
  return BigInt(Math.round(time / precision) * precision) * 1_000_000n;
}

/**
 * Calls `tick` at once, so that there is something to see and counters have a first sample, and then at each tick. Does
 * not wait for what `tick` starts.
 *
 * @returns a function that ends it
 */
export function startSchedule(
  schedule: Schedule,
  tick: (time: bigint) => void,
  clock: Clock,
  random: () => number,
): () => void {
  /** No wait that is right is longer; a longer one means that the wall clock was set back. */
  const longest = schedule.interval + schedule.jitter;
  let cancel: () => void;

  function aim(): void {
    wait(nextTick(clock.now(), schedule) + random() * schedule.jitter);
  }

  function wait(target: number): void {
    const remaining = target - clock.now();
    if (remaining > longest) aim();
    else if (remaining > 0)
      cancel = clock.after(Math.ceil(remaining), () => {
        wait(target);
      });
    else {
      // After a suspended machine or a clock set forward, the missed ticks are not made up for: one tick, for now.
      const due = -remaining < longest ? target : clock.now();
      aim();
      tick(stamp(due, schedule));
    }
  }

  aim();
  tick(stamp(clock.now(), schedule));
  return () => {
    cancel();
  };
}
