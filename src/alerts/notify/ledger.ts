/**
 * What each receiver believes about each alert. A row exists while the receiver must hear of the alert or may believe that
 * it fires; it changes only by the outcome of an attempt that contains it. The row alone owes an end.
 */
import type { Clock } from '../../core/clock.ts';
import { z } from '../../plugin/index.ts';
import { ALERT_LEVELS, rank } from '../../plugin/notification.ts';
import type { AlertStore, Collection } from '../store/store.ts';

import { attemptId, attemptSchema, groupSchema, type Attempt, type Group, type Word } from './attempt-record.ts';

/**
 * - `owed`: must hear of it; `tried`: an attempt has failed for sure
 * - `maybe`: the outcome of an attempt is unknown
 * - `counted`: accepted, but only within "and n more"; `listed`: accepted
 */
export const HEARD = ['owed', 'tried', 'maybe', 'counted', 'listed'] as const;

const stored = z.object({
  episode: z.string(),
  /** In the last word. */
  level: z.enum(ALERT_LEVELS),
  flapping: z.boolean(),
  heard: z.enum(HEARD),
  /** Accepted so far about this episode. */
  words: z.number(),
  group: groupSchema,
  /** Thread of its messages; undefined before the first is accepted. */
  thread: z.string().optional(),
  /** It was held back before, by a silence or the like. */
  wasMuted: z.boolean(),
  because: z.enum(['route', 'escalation']),
  /** When it was owed, when it was heard first, and when last: by the clock's `elapsed`, in the store as wall time. */
  owedAt: z.number(),
  firstAt: z.number().optional(),
  lastAt: z.number().optional(),
  repeats: z.number(),
  /** Refusals of a message about this alone. */
  refusals: z.number(),
  retryAt: z.number().optional(),
});

export type Row = Readonly<z.output<typeof stored>> & { readonly receiver: string; readonly fingerprint: string };

/** `not_sent`: surely not heard. */
export type Outcome = 'accepted' | 'not_sent' | 'unknown';

const TIMES = ['owedAt', 'firstAt', 'lastAt', 'retryAt'] as const;
const MOST_GROUPS = 10_000;
const NO_ROWS: ReadonlyMap<string, Row> = new Map();

export class Ledger {
  readonly #clock: Clock;
  readonly #store: AlertStore;
  readonly #rows = new Map<string, Map<string, Row>>();
  /** Receiver → key of a group → number of its alerts that the receiver may believe to fire, and their thread. */
  readonly #known = new Map<string, Map<string, { readonly count: number; readonly thread: string }>>();
  /** By key: thousands of rows share them. */
  readonly #groups = new Map<string, Group>();
  /** Begun and not ended, by receiver. */
  readonly #attempts = new Map<string, Attempt>();

  constructor(store: AlertStore, clock: Clock) {
    this.#clock = clock;
    this.#store = store;
    for (const [key, value] of this.#table.entries()) this.#restoreRow(key, value);
    for (const [receiver, value] of this.#attemptTable.entries()) {
      const parsed = attemptSchema.safeParse(value);
      if (parsed.success) {
        this.#attempts.set(receiver, parsed.data);
        // The process ended between begin and end. Also a refusal of the next attempt does not say that this one was lost.
        this.end(parsed.data, 'unknown');
      } else this.#attemptTable.delete(receiver);
    }
  }

  receivers(): readonly string[] {
    return [...this.#rows.keys()];
  }

  rows(receiver: string): ReadonlyMap<string, Row> {
    return this.#rows.get(receiver) ?? NO_ROWS;
  }

  /** Of all receivers. */
  about(fingerprint: string): readonly Row[] {
    return [...this.#rows.values()].flatMap((rows) => rows.get(fingerprint) ?? []);
  }

  /** @returns the same object for all rows of a group */
  sharedGroup(group: Group): Group {
    const known = this.#groups.get(group.key);
    if (known !== undefined) return known;
    if (this.#groups.size >= MOST_GROUPS) this.#groups.clear();
    this.#groups.set(group.key, group);
    return group;
  }

  /** Alerts of the group that the receiver may believe to fire. */
  knownIn(receiver: string, group: string): number {
    return this.#known.get(receiver)?.get(group)?.count ?? 0;
  }

  /** Of the messages about these alerts; undefined if there are none. */
  threadOf(receiver: string, group: string): string | undefined {
    return this.#known.get(receiver)?.get(group)?.thread;
  }

  put(row: Row): void {
    const { receiver, fingerprint: _, ...rest } = row;
    this.#set(row);
    this.#table.put(keyOf(row), this.#shifted(rest, this.#clock.now() - this.#clock.elapsed()));
  }

  delete(row: Row): void {
    const rows = this.#rows.get(row.receiver);
    this.#count(rows?.get(row.fingerprint), -1);
    rows?.delete(row.fingerprint);
    if (rows?.size === 0) {
      this.#rows.delete(row.receiver);
      this.#known.delete(row.receiver);
    }
    this.#table.delete(keyOf(row));
  }

  /** The attempt that was begun, whose outcome is unknown. */
  unfinished(receiver: string): Attempt | undefined {
    return this.#attempts.get(receiver);
  }

  /** Whether the receiver surely has not heard of it, so that the row may go without a word. */
  isUnheard(row: Row): boolean {
    const { listed = [], counted = [] } = this.#attempts.get(row.receiver) ?? {};
    return !believes(row) && ![...listed, ...counted].some(({ fingerprint }) => fingerprint === row.fingerprint);
  }

  /** Written before the notifier is called: if the process is killed from here on, the message may have arrived. */
  begin(attempt: Attempt): void {
    this.#attempts.set(attempt.receiver, attempt);
    this.#attemptTable.put(attempt.receiver, attempt);
  }

  /** What is being sent, and has an unknown outcome, says nothing about this when it is sent again. */
  withdraw({ receiver, fingerprint }: Row): void {
    const attempt = this.#attempts.get(receiver);
    if (attempt === undefined) return;
    const without = (words: readonly Word[]) => words.filter((word) => word.fingerprint !== fingerprint);
    const [listed, counted] = [without(attempt.listed), without(attempt.counted)];
    if (listed.length + counted.length === attempt.listed.length + attempt.counted.length) return;
    if (listed.length > 0) {
      this.begin({ ...attempt, id: attemptId([...listed, ...counted]), listed, counted });
      return;
    }
    // Without anything to list there is no message.
    this.end({ ...attempt, listed, counted }, 'unknown');
    this.#forget(receiver);
  }

  /** @returns fingerprints of rows that are gone */
  end(attempt: Attempt, outcome: Outcome): readonly string[] {
    if (outcome !== 'unknown') this.#forget(attempt.receiver);
    const gone: string[] = [];
    const take = (word: Word, isListed: boolean) => {
      const row = this.rows(attempt.receiver).get(word.fingerprint);
      if (row === undefined) return;
      const next = this.#after(outcome === 'accepted' ? inThread(row, attempt) : row, word, isListed, outcome);
      if (next === undefined) {
        this.delete(row);
        gone.push(word.fingerprint);
      } else if (next !== row) this.put(next);
    };
    for (const word of attempt.listed) take(word, true);
    for (const word of attempt.counted) take(word, false);
    return gone;
  }

  /** The receiver is another one now, or gone. */
  abandon(receiver: string): void {
    for (const row of [...this.rows(receiver).values()]) this.delete(row);
    this.#forget(receiver);
  }

  /**
   * These receivers go on under another name. Where both know of an alert, the row that owes an end stays, or the one with the
   * higher level. What was being sent may have arrived, and is sent again under the id that it has.
   */
  rename(names: ReadonlyMap<string, string>): void {
    const moved = [...names].map(([from, to]) => {
      const attempt = this.unfinished(from);
      if (attempt !== undefined) this.end(attempt, 'unknown');
      const rows = [...this.rows(from).values()];
      this.abandon(from);
      return { to, rows, attempt };
    });
    for (const { to, rows, attempt } of moved) {
      for (const row of rows) {
        const known = this.rows(to).get(row.fingerprint);
        if (known === undefined || isStronger(row, known)) this.put({ ...row, receiver: to });
      }
      if (attempt !== undefined && this.unfinished(to) === undefined) this.begin({ ...attempt, receiver: to });
    }
  }

  #forget(receiver: string): void {
    if (this.#attempts.delete(receiver)) this.#attemptTable.delete(receiver);
  }

  #after(row: Row, word: Word, isListed: boolean, outcome: Outcome): Row | undefined {
    switch (outcome) {
      case 'unknown':
        return word.kind === 'ended' || word.kind === 'fired' ? { ...row, heard: 'maybe' } : row;
      case 'not_sent':
        return row.heard === 'owed' ? { ...row, heard: 'tried' } : row;
      case 'accepted':
        return word.kind === 'ended' || word.kind === 'missed' ? undefined : this.#heard(row, word, isListed);
    }
  }

  #heard(row: Row, word: Word, isListed: boolean): Row {
    const elapsed = this.#clock.elapsed();
    const isFirst = word.kind === 'fired';
    const wasListed = !isFirst && (row.heard === 'listed' || row.heard === 'maybe');
    return {
      ...row,
      episode: isFirst ? word.episode : row.episode,
      level: word.level,
      flapping: word.flapping,
      heard: isListed || wasListed ? 'listed' : 'counted',
      words: row.words + 1,
      group: word.group,
      firstAt: row.firstAt ?? elapsed,
      lastAt: elapsed,
      repeats: word.kind === 'repeat' ? row.repeats + 1 : 0,
      refusals: 0,
      retryAt: undefined,
    };
  }

  #restoreRow(key: string, value: unknown): void {
    const at = key.lastIndexOf(' ');
    const [receiver, fingerprint] = [key.slice(0, at), key.slice(at + 1)];
    const parsed = stored.safeParse(value);
    if (!parsed.success || at < 1) {
      this.#table.delete(key);
      return;
    }
    const row = this.#shifted(parsed.data, this.#clock.elapsed() - this.#clock.now());
    const elapsed = this.#clock.elapsed();
    // The clock may have been set back while nobody looked: nothing lies in the future, but for a retry.
    for (const time of ['owedAt', 'firstAt', 'lastAt'] as const) {
      const ms = row[time];
      if (ms !== undefined) row[time] = Math.min(ms, elapsed);
    }
    row.retryAt = undefined;
    this.#set({ receiver, fingerprint, ...row, group: this.sharedGroup(row.group) });
  }

  #set(row: Row): void {
    const rows = this.#rows.get(row.receiver) ?? new Map<string, Row>();
    this.#count(rows.get(row.fingerprint), -1);
    this.#count(row, 1);
    this.#rows.set(row.receiver, rows.set(row.fingerprint, row));
  }

  #count(row: Row | undefined, change: 1 | -1): void {
    if (row === undefined || !believes(row)) return;
    const groups = this.#known.get(row.receiver) ?? new Map<string, { count: number; thread: string }>();
    this.#known.set(row.receiver, groups);
    const { count, thread } = groups.get(row.group.key) ?? { count: 0, thread: row.thread ?? row.episode };
    if (count + change === 0) groups.delete(row.group.key);
    else groups.set(row.group.key, { count: count + change, thread });
  }

  #shifted(row: z.output<typeof stored>, ms: number): z.output<typeof stored> {
    const moved = { ...row };
    for (const time of TIMES) {
      const at = row[time];
      if (at !== undefined) moved[time] = at + ms;
    }
    return moved;
  }

  get #table(): Collection {
    return this.#store.collection('ledger');
  }

  get #attemptTable(): Collection {
    return this.#store.collection('attempts');
  }
}

function keyOf({ receiver, fingerprint }: Pick<Row, 'receiver' | 'fingerprint'>): string {
  return `${receiver} ${fingerprint}`;
}

function isStronger(a: Row, b: Row): boolean {
  return believes(a) === believes(b) ? rank(a.level) > rank(b.level) : believes(a);
}

function inThread(row: Row, { thread }: Attempt): Row {
  return row.thread === undefined ? { ...row, thread } : row;
}

/** Whether the receiver may believe that the alert fires. */
export function believes({ heard }: Row): boolean {
  return heard === 'maybe' || heard === 'counted' || heard === 'listed';
}
