/** Notices that the wall clock was set, or that the machine was suspended, by comparing it with the one that only counts. */
import type { Clock } from '../../core/clock.ts';

/** Corrections below this are of no consequence for alerts. */
const JUMP_MS = 60_000;

export class ClockWatch {
  readonly #clock: Clock;
  #difference: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#difference = clock.now() - clock.elapsed();
  }

  /** @returns by how much the wall clock has jumped since the last call, ms; undefined if it has not */
  check(): number | undefined {
    const difference = this.#clock.now() - this.#clock.elapsed();
    const jump = difference - this.#difference;
    // Slow corrections are followed, so that they never add up to a jump.
    this.#difference = difference;
    return Math.abs(jump) > JUMP_MS ? jump : undefined;
  }
}
