/** Cursors of outputs that are no longer configured: each keeps its unsent lines for a day, in case the output comes back. */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Journal } from '../journal/journal.ts';

export interface IdleCursorsOptions {
  readonly journal: () => Journal;
  readonly clock: Clock;
  readonly log: Logger;
}

const DAY_MS = 86_400_000;

export class IdleCursors {
  readonly #options: IdleCursorsOptions;
  /** Name → ends the wait. */
  readonly #waiting = new Map<string, () => void>();

  constructor(options: IdleCursorsOptions) {
    this.#options = options;
  }

  /** After each start and reload: warns of cursors that have become idle, and gives up those that stay so for a day. */
  watch(): void {
    const { journal, clock, log } = this.#options;
    const idle = new Set(journal().status.idle);
    for (const [name, cancel] of this.#waiting) {
      if (idle.has(name)) continue;
      cancel();
      this.#waiting.delete(name);
    }
    for (const name of idle) {
      if (this.#waiting.has(name)) continue;
      log.warn(
        `The journal keeps the unsent lines of ${name}, which is no longer an output, for a day; drop them now: healthd journal forget ${name}`,
      );
      this.#waiting.set(
        name,
        clock.after(DAY_MS, () => {
          this.#giveUp(name);
        }),
      );
    }
  }

  stop(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }

  #giveUp(name: string): void {
    const { journal, log } = this.#options;
    this.#waiting.delete(name);
    journal().forget(name);
    log.warn(`The unsent lines of ${name} are given up: it has not been an output for a day`);
  }
}
