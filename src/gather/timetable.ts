import { nanoseconds, type Clock } from '../core/clock.ts';

import { nextTick, startSchedule, type Schedule } from './scheduler.ts';

/** @param time of the tick, in nanoseconds since the Unix epoch */
type Tick = (time: bigint) => void;

interface Shared {
  /** With the last instant of the schedule before each began: a late timer may still tick for it. */
  readonly ticks: Map<Tick, bigint>;
  readonly end: () => void;
}

/** Ticks that fall together are called by one timer, so that they wake a sleeping process once. */
export class Timetable {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #shared = new Map<string, Shared>();

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * As `startSchedule`: calls `tick` at once, and then at each tick of the schedule.
   *
   * @returns a function that ends it
   */
  start(schedule: Schedule, tick: Tick): () => void {
    if (schedule.jitter > 0) return startSchedule(schedule, tick, this.#clock, this.#random);
    const key = `${schedule.interval} ${schedule.offset}`;
    const shared = this.#shared.get(key) ?? this.#share(key, schedule);
    const now = this.#clock.now();
    shared.ticks.set(tick, nanoseconds(nextTick(now, schedule) - schedule.interval));
    tick(nanoseconds(now));
    return () => {
      shared.ticks.delete(tick);
      if (shared.ticks.size > 0 || this.#shared.get(key) !== shared) return;
      this.#shared.delete(key);
      shared.end();
    };
  }

  #share(key: string, schedule: Schedule): Shared {
    const ticks: Shared['ticks'] = new Map();
    const tickAll = (time: bigint) => {
      for (const [tick, before] of ticks) if (time !== before) tick(time);
    };
    const shared = { ticks, end: startSchedule(schedule, tickAll, this.#clock, this.#random) };
    this.#shared.set(key, shared);
    return shared;
  }
}
