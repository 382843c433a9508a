/**
 * How far the hub's clock is ahead of this one: of the newest exchanges, the one with the shortest round trip says it best. Half
 * of the round trip is taken for the way there, as in NTP (RFC 5905, section 8).
 */
import type { Clock } from '../../core/clock.ts';

/** Exchanges that are remembered: with one each five seconds, those of 100 seconds. */
const REMEMBERED = 20;

interface Measured {
  readonly offsetMs: number;
  readonly roundTripMs: number;
}

export class ClockOffset {
  readonly #clock: Clock;
  #measured: readonly Measured[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The hub's clock minus this one; undefined before the first answer. */
  get ms(): number | undefined {
    const best = this.#measured.toSorted((a, b) => a.roundTripMs - b.roundTripMs)[0];
    return best?.offsetMs;
  }

  /** To be called when a request is sent. */
  begin(): { answered(hubNow: number): void } {
    const sentAt = this.#clock.now();
    const began = this.#clock.elapsed();
    return {
      answered: (hubNow) => {
        const roundTripMs = this.#clock.elapsed() - began;
        const offsetMs = Math.round(hubNow - (sentAt + roundTripMs / 2));
        this.#measured = [...this.#measured, { offsetMs, roundTripMs }].slice(-REMEMBERED);
      },
    };
  }
}
