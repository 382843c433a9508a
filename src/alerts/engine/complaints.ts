/** Faults that come with every sample are logged once an hour. */
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';

const AGAIN_MS = 3_600_000;
const MOST_KNOWN = 1000;

export class Complaints {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #loggedAt = new Map<string, number>();

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * @param about what the fault is one and the same for
   * @returns whether it was logged
   */
  error(about: string, message: string, meta: Readonly<Record<string, unknown>> = {}): boolean {
    const now = this.#clock.elapsed();
    if (now - (this.#loggedAt.get(about) ?? -Infinity) < AGAIN_MS) return false;
    if (this.#loggedAt.size >= MOST_KNOWN) this.#loggedAt.clear();
    this.#loggedAt.set(about, now);
    this.#log.error(message, meta);
    return true;
  }
}
