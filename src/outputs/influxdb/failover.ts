/** The order in which servers are tried, with exponential backoff for servers that failed. */
import type { Clock } from '../../plugin/index.ts';

const MIN_BACKOFF_MS = 10_000;
const MAX_BACKOFF_MS = 300_000;

interface Health {
  readonly failures: number;
  /** Until then, servers that are not backing off go first; on the clock's `elapsed`. */
  readonly retryAt: number;
}

const HEALTHY: Health = { failures: 0, retryAt: 0 };

export class Failover {
  readonly #clock: Clock;
  readonly #health: Health[];
  #last = 0;

  constructor(servers: number, clock: Clock) {
    this.#clock = clock;
    this.#health = Array.from({ length: servers }, () => HEALTHY);
  }

  /** The server that worked last, then the healthy ones in configured order, then the rest by remaining backoff. */
  order(): readonly number[] {
    const now = this.#clock.elapsed();
    const backoff = (index: number) => Math.max(0, (this.#health[index]?.retryAt ?? 0) - now);
    return [...this.#health.keys()].sort(
      (a, b) => backoff(a) - backoff(b) || Number(b === this.#last) - Number(a === this.#last) || a - b,
    );
  }

  failed(index: number): void {
    const failures = (this.#health[index]?.failures ?? 0) + 1;
    const backoff = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** Math.min(failures - 1, 10));
    this.#health[index] = { failures, retryAt: this.#clock.elapsed() + backoff };
  }

  /** @returns true if a different server was in use before */
  worked(index: number): boolean {
    const changed = this.#last !== index;
    this.#last = index;
    this.#health[index] = HEALTHY;
    return changed;
  }
}
