/** Which of several servers to try, and in which order. */
import type { Clock } from '../../plugin/index.ts';

const MIN_BACKOFF_MS = 10_000;
const MAX_BACKOFF_MS = 300_000;

interface Health {
  readonly failures: number;
  /** Not before this is the server tried ahead of others; on the clock's `elapsed`. */
  readonly restsUntil: number;
}

const HEALTHY: Health = { failures: 0, restsUntil: 0 };

export class Failover {
  readonly #clock: Clock;
  readonly #health: Health[];
  #last = 0;

  constructor(servers: number, clock: Clock) {
    this.#clock = clock;
    this.#health = Array.from({ length: servers }, () => HEALTHY);
  }

  /** The server that worked last, then those at rest for no failure in the order given, then the others as they wake. */
  order(): readonly number[] {
    const now = this.#clock.elapsed();
    const rest = (index: number) => Math.max(0, (this.#health[index]?.restsUntil ?? 0) - now);
    return [...this.#health.keys()].sort(
      (a, b) => rest(a) - rest(b) || Number(b === this.#last) - Number(a === this.#last) || a - b,
    );
  }

  failed(index: number): void {
    const failures = (this.#health[index]?.failures ?? 0) + 1;
    const rest = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** Math.min(failures - 1, 10));
    this.#health[index] = { failures, restsUntil: this.#clock.elapsed() + rest };
  }

  /** @returns true if another server had worked before */
  worked(index: number): boolean {
    const changed = this.#last !== index;
    this.#last = index;
    this.#health[index] = HEALTHY;
    return changed;
  }
}
