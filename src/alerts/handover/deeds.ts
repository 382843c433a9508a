/** What an agent did about its alerts by itself, until its hub has heard of it: for people who ask the hub. Bounded, and not kept. */
import { MOST_DEEDS, type Deed } from '../../api/hub-alerts.ts';
import type { Clock } from '../../core/clock.ts';
import type { Attempt } from '../notify/attempt-record.ts';
import type { Outcome } from '../notify/ledger.ts';

interface Kept extends Omit<Deed, 'ageMs'> {
  /** By the clock's `elapsed`. */
  readonly at: number;
}

/** The oldest go. */
const MOST_KEPT = 1000;
const MOST_ERROR = 300;

export class Deeds {
  readonly #clock: Clock;
  #kept: readonly Kept[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add({ id, receiver, listed, counted }: Attempt, outcome: Outcome, error: string | undefined): void {
    const at = this.#clock.elapsed();
    const deeds = [...listed, ...counted].map(({ fingerprint, kind }): Kept => ({
      // One attempt may be made several times.
      id: `${id}-${Math.round(this.#clock.now()).toString(36)}`,
      fingerprint,
      receiver,
      kind,
      outcome,
      ...(error !== undefined && { error: error.slice(0, MOST_ERROR) }),
      at,
    }));
    this.#kept = [...this.#kept, ...deeds].slice(-MOST_KEPT);
  }

  /** For the next message. */
  next(): Deed[] {
    const elapsed = this.#clock.elapsed();
    return this.#kept.slice(0, MOST_DEEDS).map(({ at, ...deed }) => ({ ...deed, ageMs: Math.max(0, elapsed - at) }));
  }

  /** The hub has heard of these. @returns whether there are more */
  said(deeds: readonly Deed[] = []): boolean {
    const keys = new Set(deeds.map(keyOf));
    this.#kept = this.#kept.filter((deed) => !keys.has(keyOf(deed)));
    return this.#kept.length > 0;
  }
}

function keyOf({ id, fingerprint }: Pick<Deed, 'id' | 'fingerprint'>): string {
  return `${id} ${fingerprint}`;
}
