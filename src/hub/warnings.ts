/** What the hub has to say to the administrator of a host, beside refusals: with each heartbeat, until it is over. */
import type { Clock } from '../core/clock.ts';

import type { HostRecord } from './records.ts';

/** Said for so long after it happened last. ms. */
const KEPT_MS = 600_000;

interface Warning {
  readonly text: string;
  /** On the clock's `elapsed`. */
  readonly at: number;
}

export class Warnings {
  readonly #clock: Clock;
  /** Goes with the host. By what it is about. */
  readonly #of = new WeakMap<HostRecord, Map<string, Warning>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param about replaces the one before about the same */
  warn(host: HostRecord, about: 'names' | 'series' | 'rate', text: string): void {
    const known = this.#of.get(host) ?? new Map<string, Warning>();
    this.#of.set(host, known.set(about, { text, at: this.#clock.elapsed() }));
  }

  of(host: HostRecord): readonly string[] {
    const now = this.#clock.elapsed();
    return [...(this.#of.get(host)?.values() ?? [])].filter(({ at }) => now - at < KEPT_MS).map(({ text }) => text);
  }
}
