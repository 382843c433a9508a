/** The outbox in the store, and what the history says of it. */
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { Notification } from '../../plugin/notification.ts';
import type { AlertStore } from '../store/store.ts';

import { entryFrom, newEntry, type Entry } from './entry.ts';

/** Keys are numbers that keep their order as texts. */
const KEY_DIGITS = 12;

/** How the way of a notification through the outbox ends, or an attempt does. */
export type Fate = 'delivered' | 'failed' | 'gave_up' | 'expired' | 'coalesced';

export class Shelf {
  readonly #store: AlertStore;
  readonly #clock: Clock;
  #lastNumber: number;

  constructor(store: AlertStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#lastNumber = Number(this.#outbox.entries().at(-1)?.[0] ?? 0) || 0;
  }

  /** What an earlier run has left; what cannot be read is removed. */
  load(log: Logger): readonly Entry[] {
    const rows = this.#outbox.entries();
    const entries = rows.flatMap(([key, value]) => entryFrom(key, value) ?? []);
    const known = new Set(entries.map(({ key }) => key));
    const unknown = rows.filter(([key]) => !known.has(key));
    if (unknown.length > 0)
      log.warn('Notifications in the outbox cannot be read and are given up', { count: unknown.length });
    for (const [key] of unknown) this.#outbox.delete(key);
    return entries;
  }

  nextKey(): string {
    this.#lastNumber += 1;
    return String(this.#lastNumber).padStart(KEY_DIGITS, '0');
  }

  add(notification: Notification): string {
    const key = this.nextKey();
    this.save(newEntry(key, notification, this.#clock.now()));
    return key;
  }

  find(key: string): Entry | undefined {
    return entryFrom(key, this.#outbox.get(key));
  }

  save({ key, ...value }: Entry): void {
    this.#outbox.put(key, value);
  }

  /** Removes the entry and says why. */
  end(entry: Entry, fate: Fate, detail: Readonly<Record<string, unknown>> = {}): void {
    this.#store.transaction(() => {
      this.#outbox.delete(entry.key);
      this.note(entry, fate, detail);
    });
  }

  note({ notification, attempts }: Entry, fate: Fate, detail: Readonly<Record<string, unknown>>): void {
    const { id, receiver, reason, groupKey, alerts } = notification;
    const [alert] = alerts;
    this.#store.audit({
      at: this.#clock.now(),
      kind: 'attempt',
      reason: fate,
      receiver,
      // One of several would be found by the history of that one only.
      ...(alert !== undefined && alerts.length === 1
        ? { fingerprint: alert.fingerprint, rule: alert.rule, host: alert.host }
        : {}),
      detail: { id, group: groupKey, because: reason, alerts: alerts.length, attempts, ...detail },
    });
  }

  transaction(work: () => void): void {
    this.#store.transaction(work);
  }

  get #outbox() {
    return this.#store.collection('outbox');
  }
}
