/** Who takes care of what. An acknowledgement ends with its alert, when that gets worse, or at its time. */
import type { AckRegister } from '../../api/hub-alerts.ts';
import type { Clock } from '../../core/clock.ts';
import { ALERT_LEVELS, rank, type Acknowledgement, type AlertView } from '../../plugin/notification.ts';
import { z } from '../../plugin/index.ts';
import type { AckRequest } from '../control.ts';
import type { AlertStore, Collection } from '../store/store.ts';

import { LONGEST_MS, refuseFarFuture } from './horizon.ts';

const stored = z.object({
  by: z.string(),
  comment: z.string(),
  at: z.number(),
  until: z.number().optional(),
  level: z.enum(ALERT_LEVELS),
  startsAt: z.number(),
  /** Counts what was done about the alert, here and at the hub or the agent. */
  rev: z.number().default(1),
  /** It was withdrawn, or has ended: kept so that the other side learns that. */
  isOver: z.boolean().default(false),
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
    if (ack === undefined || ack.isOver || (ack.until !== undefined && ack.until <= this.#clock.now()))
      return undefined;
    return { by: ack.by, comment: ack.comment, at: ack.at };
  }

  /** @throws RefusedRequest for an end in the far future */
  add({ fingerprint, by, comment, until }: AckRequest, { level, startsAt }: AlertView): void {
    const at = this.#clock.now();
    if (until !== undefined) refuseFarFuture(until, at);
    const rev = (this.#acks.get(fingerprint)?.rev ?? 0) + 1;
    const ack: Stored = {
      by,
      comment,
      at,
      level,
      startsAt,
      rev,
      isOver: false,
      ...(until === undefined ? {} : { until }),
    };
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
    if (status === 'resolved' || startsAt !== ack.startsAt) {
      this.#end(fingerprint, 'resolved');
      this.#acks.delete(fingerprint);
      this.#table.delete(fingerprint);
    } else if (rank(level) > rank(ack.level)) this.#end(fingerprint, 'level_up');
  }

  /** What was done about alerts that fire. @param nameOf fingerprint at the other side; undefined: it is not known there */
  registers(nameOf: (fingerprint: string) => string | undefined): readonly AckRegister[] {
    const now = this.#clock.now();
    return [...this.#acks].flatMap(([fingerprint, { rev, isOver, by, comment, level, at, until }]) => {
      const name = nameOf(fingerprint);
      if (name === undefined) return [];
      const left = until === undefined ? {} : { leftMs: until - now };
      const ack = isOver ? null : { by, comment, level, ageMs: Math.max(0, now - at), ...left };
      return [{ fingerprint: name, rev, ack }];
    });
  }

  /**
   * What was done at the other side.
   *
   * @param tie what counts if both did something at the same time: their act, ours, or ours under a higher number
   * @returns whether anything has changed
   */
  merge(alert: AlertView, { rev, ack }: AckRegister, tie: 'theirs' | 'ours' | 'raise'): boolean {
    const { fingerprint, startsAt, level } = alert;
    const known = this.#acks.get(fingerprint);
    const verdict = verdictOf(known, { rev, ack }, tie);
    if (verdict === 'raise' && known !== undefined) this.#raise(fingerprint, known);
    if (verdict !== 'take') return verdict === 'raise';
    const now = this.#clock.now();
    if (ack === null || rank(level) > rank(ack.level)) {
      // It got worse meanwhile: the other side shall know.
      const next = ack === null ? rev : rev + 1;
      const none = { by: '', comment: '', at: now, level, startsAt, isOver: true };
      this.#put(fingerprint, { ...none, rev: next }, ack === null ? 'withdrawn' : 'level_up');
      return true;
    }
    const { by, comment, ageMs, leftMs } = ack;
    const until = leftMs === undefined ? {} : { until: Math.min(now + leftMs, now + LONGEST_MS) };
    const next = { by, comment, at: now - ageMs, level: ack.level, startsAt, rev, isOver: false, ...until };
    this.#put(fingerprint, next, 'made', by);
    return true;
  }

  /** So that the other side takes it. */
  #raise(fingerprint: string, known: Stored): void {
    const next = { ...known, rev: known.rev + 1 };
    this.#acks.set(fingerprint, next);
    this.#table.put(fingerprint, next);
  }

  #put(fingerprint: string, ack: Stored, reason: string, by?: string): void {
    this.#store.transaction(() => {
      this.#table.put(fingerprint, ack);
      const detail = { comment: ack.comment, from: 'the other side' };
      const entry = { at: this.#clock.now(), kind: 'ack', reason, fingerprint, detail } as const;
      this.#store.audit(by === undefined ? entry : { ...entry, by });
    });
    this.#acks.set(fingerprint, ack);
  }

  #end(fingerprint: string, reason: string, by?: string): void {
    const ack = this.#acks.get(fingerprint);
    if (ack === undefined || ack.isOver) return;
    const ended = { ...ack, rev: ack.rev + 1, isOver: true };
    const entry = { at: this.#clock.now(), kind: 'ack', reason, fingerprint } as const;
    this.#acks.set(fingerprint, ended);
    this.#store.transaction(() => {
      this.#table.put(fingerprint, ended);
      this.#store.audit(by === undefined ? entry : { ...entry, by });
    });
  }
}

function verdictOf(
  known: Stored | undefined,
  { rev, ack }: Pick<AckRegister, 'rev' | 'ack'>,
  tie: 'theirs' | 'ours' | 'raise',
): 'take' | 'keep' | 'raise' {
  if (known === undefined || rev > known.rev) return 'take';
  if (rev < known.rev || !isOther(known, ack) || tie === 'ours') return 'keep';
  return tie === 'theirs' ? 'take' : 'raise';
}

function isOther(known: Stored, ack: AckRegister['ack']): boolean {
  return ack === null ? !known.isOver : known.isOver || known.by !== ack.by || known.comment !== ack.comment;
}
