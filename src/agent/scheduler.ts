/**
 * When an input is gathered. Ticks are aligned to multiples of the interval on the wall clock, so that the hosts of a
 * fleet are sampled at the same instants. A tick aims at a computed target and re-arms when a timer fires early; a fixed
 * period would drift by a minute and a half a day.
 */
import { pause, type Clock } from '../core/clock.ts';

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
 * Calls `tick` at once, so that there is something to see and counters have a first sample, and then at each tick until
 * the signal aborts. Does not wait for what `tick` starts.
 */
export async function runSchedule(
  schedule: Schedule,
  tick: (time: bigint) => void,
  clock: Clock,
  random: () => number,
  signal: AbortSignal,
): Promise<void> {
  let due: number | undefined = clock.now();
  while (!signal.aborted) {
    if (due !== undefined) tick(stamp(due, schedule));
    const target = nextTick(clock.now(), schedule) + random() * schedule.jitter;
    due = await waitUntil(target, schedule.interval + schedule.jitter, clock, signal);
  }
}

/**
 * @param longest no wait that is right is longer; a longer one means that the wall clock was set back
 * @returns the time to tick for, or undefined when the target has to be computed anew
 */
async function waitUntil(
  target: number,
  longest: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (let wait = target - clock.now(); wait > 0; wait = target - clock.now()) {
    if (wait > longest) return undefined;
    await pause(clock, Math.ceil(wait), signal);
    if (signal.aborted) return undefined;
  }
  // After a suspended machine or a clock set forward, the missed ticks are not made up for: one tick, for now.
  return clock.now() - target < longest ? target : clock.now();
}
