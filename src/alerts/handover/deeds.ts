/** What an agent did about its alerts by itself, until its hubs have heard of it: for people who ask a hub. Bounded. */
import { deed, MOST_DEEDS, type Deed } from '../../api/hub-alerts.ts';
import type { Clock } from '../../core/clock.ts';
import { z } from '../../plugin/index.ts';
import type { Attempt } from '../notify/attempt-record.ts';
import type { Outcome } from '../notify/ledger.ts';
import type { AlertStore, Collection } from '../store/store.ts';

/** `at` is ms since the Unix epoch: an outage of the agent counts. */
const stored = deed.omit({ ageMs: true }).extend({ hub: z.string(), at: z.number() });
type Kept = Readonly<z.output<typeof stored>>;

/** For each hub; the oldest go. */
const MOST_KEPT = 1000;
const MOST_ERROR = 300;
/** Nobody waits longer for a hub. ms. */
export const OLDEST_MS = 7 * 86_400_000;

export class Deeds {
  readonly #clock: Clock;
  readonly #table: Collection;
  /** By their keys in the table, the oldest first. */
  readonly #kept = new Map<string, Kept>();

  constructor(store: AlertStore, clock: Clock) {
    this.#clock = clock;
    this.#table = store.collection('deeds');
    const known = this.#table.entries().flatMap(([key, value]) => {
      const { data } = stored.safeParse(value);
      if (data !== undefined && clock.now() - data.at < OLDEST_MS) return [[key, data] as const];
      this.#table.delete(key);
      return [];
    });
    for (const [key, kept] of known.sort(([, a], [, b]) => a.at - b.at)) this.#kept.set(key, kept);
  }

  /** In a transaction. @param hubs that have not heard of it */
  add({ id, receiver, listed, counted }: Attempt, outcome: Outcome, error: string | undefined, hubs: Iterable<string>) {
    const at = Math.round(this.#clock.now());
    for (const hub of hubs) {
      for (const { fingerprint, kind } of [...listed, ...counted])
        this.#put({
          // One attempt may be made several times.
          id: `${id}-${at.toString(36)}`,
          ...{ hub, fingerprint, receiver, kind, outcome, at },
          ...(error !== undefined && { error: error.slice(0, MOST_ERROR) }),
        });
      this.#of(hub)
        .slice(0, -MOST_KEPT)
        .forEach((kept) => {
          this.#delete(keyOf(kept));
        });
    }
  }

  /** For the next message to a hub. */
  next(hub: string): Deed[] {
    const now = this.#clock.now();
    return this.#of(hub)
      .slice(0, MOST_DEEDS)
      .map(({ hub: _, at, ...rest }) => ({ ...rest, ageMs: Math.max(0, now - at) }));
  }

  /** The hub has heard of these. In a transaction. @returns whether there are more */
  said(hub: string, deeds: readonly Deed[] = []): boolean {
    for (const { id, fingerprint } of deeds) this.#delete(keyOf({ hub, id, fingerprint }));
    return this.#of(hub).length > 0;
  }

  /** In a transaction. @param hubs that this agent has; others shall not hear of anything */
  keepOnly(hubs: ReadonlySet<string>): void {
    for (const [key, { hub }] of this.#kept) if (!hubs.has(hub)) this.#delete(key);
  }

  #of(hub: string): readonly Kept[] {
    return [...this.#kept.values()].filter((kept) => kept.hub === hub);
  }

  #put(kept: Kept): void {
    this.#kept.set(keyOf(kept), kept);
    this.#table.put(keyOf(kept), kept);
  }

  #delete(key: string): void {
    if (this.#kept.delete(key)) this.#table.delete(key);
  }
}

function keyOf({ hub, id, fingerprint }: Pick<Kept, 'hub' | 'id' | 'fingerprint'>): string {
  return `${id} ${fingerprint} ${hub}`;
}
