/** Who takes care of what. An acknowledgement ends with its alert, when that gets worse, or at its time. */
import type { Clock } from '../../core/clock.ts';
import { ALERT_LEVELS, rank, type Acknowledgement, type AlertView } from '../../plugin/notification.ts';
import { z } from '../../plugin/index.ts';
import type { AckRequest } from '../control.ts';
import type { AlertStore, Collection } from '../store/store.ts';

import { refuseFarFuture } from './horizon.ts';

const stored = z.object({
  by: z.string(),
  comment: z.string(),
  at: z.number(),
  until: z.number().optional(),
  level: z.enum(ALERT_LEVELS),
  startsAt: z.number(),
});

type Stored = z.output<typeof stored>;

export class Acks {
  readonly #store: AlertStore;
  readonly #clock: Clock;
  readonly #table: Collection;
  readonly #acks = new Map<string, Stored>();

  constructor(store: AlertStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#table = store.collection('acks');
    for (const [fingerprint, value] of this.#table.entries()) {
      const parsed = stored.safeParse(value);
      if (parsed.success) this.#acks.set(fingerprint, parsed.data);
      else this.#table.delete(fingerprint);
    }
  }

  of(fingerprint: string): Acknowledgement | undefined {
    const ack = this.#acks.get(fingerprint);
    if (ack === undefined || (ack.until !== undefined && ack.until <= this.#clock.now())) return undefined;
    return { by: ack.by, comment: ack.comment, at: ack.at };
  }

  /** @throws RefusedRequest for an end in the far future */
  add({ fingerprint, by, comment, until }: AckRequest, { level, startsAt }: AlertView): void {
    const at = this.#clock.now();
    if (until !== undefined) refuseFarFuture(until, at);
    const ack: Stored = { by, comment, at, level, startsAt, ...(until === undefined ? {} : { until }) };
    this.#store.transaction(() => {
      this.#table.put(fingerprint, ack);
      this.#store.audit({ at, kind: 'ack', reason: 'made', fingerprint, by, detail: { comment } });
    });
    this.#acks.set(fingerprint, ack);
  }

  withdraw(fingerprint: string, by: string): void {
    this.#end(fingerprint, 'withdrawn', by);
  }

  /** What happened to the alert may end it. */
  onChange({ fingerprint, status, level, startsAt }: AlertView): void {
    const ack = this.#acks.get(fingerprint);
    if (ack === undefined) return;
    if (status === 'resolved' || startsAt !== ack.startsAt) this.#end(fingerprint, 'resolved');
    else if (rank(level) > rank(ack.level)) this.#end(fingerprint, 'level_up');
  }

  #end(fingerprint: string, reason: string, by?: string): void {
    if (!this.#acks.delete(fingerprint)) return;
    const entry = { at: this.#clock.now(), kind: 'ack', reason, fingerprint } as const;
    this.#store.transaction(() => {
      this.#table.delete(fingerprint);
      this.#store.audit(by === undefined ? entry : { ...entry, by });
    });
  }
}
