/**
 * Recipients who are still to be reached: the message was accepted for others, and deferred for them (greylisting, a full
 * mailbox). It is sent to them alone, without holding back what comes after it.
 */
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import { z } from '../../plugin/index.ts';
import type { Notification } from '../../plugin/notification.ts';
import type { AlertStore, Collection } from '../store/store.ts';

const stored = z.object({
  receiver: z.string(),
  recipients: z.array(z.string()),
  /** As it was accepted, without alerts about which a later message said more. */
  notification: z.custom<Notification>((value) => Array.isArray((value as Partial<Notification> | null)?.alerts)),
  tries: z.number(),
  /** When it was accepted for the others, ms since the Unix epoch. */
  at: z.number(),
});

interface Entry extends z.output<typeof stored> {
  /** By the clock's `elapsed`, as is `giveUpAt`. */
  readonly nextAt: number;
  readonly giveUpAt: number;
}

/** Greylisting asks for minutes; RFC 5321, 4.5.4.1, for half an hour at most between the first two attempts. */
const RETRY_MS = [60_000, 300_000, 900_000] as const;
const LAST_RETRY_MS = 1_800_000;
const GIVE_UP_MS = 4 * 3_600_000;

/** Of one receiver; the oldest is given up. */
const MOST = 100;

export interface DeferredOptions {
  readonly store: AlertStore;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Deferred {
  readonly #options: DeferredOptions;
  readonly #table: Collection;
  /** By id of the notification, the oldest first. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: DeferredOptions) {
    const { store, clock } = options;
    this.#options = options;
    this.#table = store.collection('deferred');
    const elapsed = clock.elapsed();
    for (const [id, value] of this.#table.entries()) {
      const parsed = stored.safeParse(value);
      if (!parsed.success) {
        this.#table.delete(id);
        continue;
      }
      const age = Math.min(Math.max(0, clock.now() - parsed.data.at), GIVE_UP_MS);
      this.#entries.set(id, { ...parsed.data, nextAt: elapsed, giveUpAt: elapsed - age + GIVE_UP_MS });
    }
    for (const entry of this.#entries.values()) if (entry.giveUpAt <= elapsed) this.#giveUp(entry);
  }

  /** Accepted, but not for these recipients. */
  add(notification: Notification, recipients: readonly string[]): void {
    const { clock } = this.#options;
    const { receiver, id } = notification;
    const [oldest, ...others] = this.#of(receiver);
    if (oldest !== undefined && others.length + 1 >= MOST) this.#giveUp(oldest);
    const elapsed = clock.elapsed();
    this.#put(id, {
      receiver,
      recipients: [...recipients],
      notification,
      tries: 0,
      at: clock.now(),
      nextAt: elapsed + RETRY_MS[0],
      giveUpAt: elapsed + GIVE_UP_MS,
    });
  }

  /** These receivers go on under another name. */
  rename(names: ReadonlyMap<string, string>): void {
    for (const [id, entry] of this.#entries) {
      const receiver = names.get(entry.receiver);
      if (receiver !== undefined)
        this.#put(id, { ...entry, receiver, notification: { ...entry.notification, receiver } });
    }
  }

  /** A later message says more about these alerts. */
  supersede({ receiver, id, alerts }: Notification): void {
    const said = new Set(alerts.map(({ fingerprint }) => fingerprint));
    for (const entry of this.#of(receiver)) {
      const { notification } = entry;
      const left = notification.alerts.filter(({ fingerprint }) => !said.has(fingerprint));
      if (notification.id === id || left.length === notification.alerts.length) continue;
      if (left.length === 0) this.#delete(notification.id);
      else this.#put(notification.id, { ...entry, notification: { ...notification, alerts: left } });
    }
  }

  /** @returns what is to be sent now, or when there will be something */
  next(receiver: string): Notification | { readonly wakeAt: number } {
    const elapsed = this.#options.clock.elapsed();
    let wakeAt = Infinity;
    for (const entry of this.#of(receiver)) {
      if (entry.giveUpAt <= elapsed) this.#giveUp(entry);
      else if (entry.nextAt <= elapsed) return { ...entry.notification, recipients: entry.recipients };
      else wakeAt = Math.min(wakeAt, entry.nextAt);
    }
    return { wakeAt };
  }

  /** @param missing who is still to be reached; none: it is done */
  tried({ id }: Notification, missing: readonly string[]): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (missing.length === 0) {
      this.#delete(id);
      return;
    }
    const tries = entry.tries + 1;
    const nextAt = this.#options.clock.elapsed() + (RETRY_MS[tries] ?? LAST_RETRY_MS);
    this.#put(id, { ...entry, recipients: [...missing], tries, nextAt });
  }

  #giveUp({ receiver, recipients, notification: { id, alerts } }: Entry): void {
    const { store, clock, log } = this.#options;
    log.warn(`A notification to ${receiver} did not reach ${recipients.join(', ')} within hours; it is given up`);
    store.transaction(() => {
      this.#delete(id);
      store.audit({
        at: clock.now(),
        kind: 'attempt',
        reason: 'given_up',
        receiver,
        detail: { id, recipients, alerts: alerts.map(({ fingerprint }) => fingerprint) },
      });
    });
  }

  #of(receiver: string): readonly Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.receiver === receiver);
  }

  #put(id: string, entry: Entry): void {
    const { nextAt: _, giveUpAt: __, ...rest } = entry;
    this.#entries.set(id, entry);
    this.#table.put(id, rest);
  }

  #delete(id: string): void {
    this.#entries.delete(id);
    this.#table.delete(id);
  }
}
