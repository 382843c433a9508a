/** Open changes → attempts: what a receiver is sent next, and what became of it. */
import type { Clock } from '../../core/clock.ts';
import type { AlertView, Notification } from '../../plugin/notification.ts';
import type { AlertStore } from '../store/store.ts';

import { aboutOf } from './about.ts';
import { attemptId, type Attempt, type Word } from './attempt-record.ts';
import type { Board } from './board.ts';
import { compose, type Display } from './compose.ts';
import { believes, type Outcome } from './ledger.ts';
import { nextMessage, reasonOf, wordOf, type Limits, type Message } from './plan.ts';

/** An attempt, or when there will be one. */
export type Planned = Attempt | { readonly wakeAt: number };

export interface AttemptsOptions {
  readonly board: Board;
  readonly store: AlertStore;
  readonly clock: Clock;
  /** The alert as it is now; undefined if it does not fire. */
  readonly current: (fingerprint: string) => AlertView | undefined;
  /** Adds acknowledgement and silence to an alert. */
  readonly complete: (alert: AlertView) => AlertView;
  readonly display: () => Display;
}

export class Attempts {
  readonly #options: AttemptsOptions;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** The attempt whose outcome is unknown: sent again before anything else, with the same id. */
  unfinished(receiver: string): Attempt | undefined {
    return this.#options.board.ledger.unfinished(receiver);
  }

  next(limits: Limits): Planned {
    const { board } = this.#options;
    const { receiver } = limits;
    const message = nextMessage(board.changes(receiver), limits);
    if ('wakeAt' in message) return { wakeAt: Math.min(message.wakeAt, board.repeatAt(receiver)) };
    const known = this.#knownBeside(message, receiver);
    const [listed, counted] = [message.listed, message.counted].map((changes) =>
      changes.map((change) => wordOf(receiver, change)),
    ) as [Word[], Word[]];
    return {
      id: attemptId([...listed, ...counted]),
      receiver,
      reason: reasonOf(message, known),
      group: message.group,
      listed,
      counted,
      unchanged: message.isDigest ? 0 : known,
      thread: this.#threadOf(message, receiver),
      reminder: Math.max(0, ...message.listed.map(({ kind, row }) => (kind === 'repeat' ? row.repeats + 1 : 0))),
    };
  }

  /** Committed before the notifier is called. */
  begin(attempt: Attempt, detail: Notification['detail']): Notification {
    const { board, store, clock, display } = this.#options;
    const viewOf = (word: Word) => this.#viewOf(word);
    const notification = compose(attempt, { now: clock.now(), viewOf, display: display(), detail });
    const isRepeated = this.unfinished(attempt.receiver)?.id === attempt.id;
    store.transaction(() => {
      board.ledger.begin(attempt);
      if (!isRepeated) store.audit(madeEntry(notification, attempt));
    });
    return notification;
  }

  /** @param error why it was not accepted, for people */
  end(attempt: Attempt, outcome: Outcome, error?: string): void {
    this.#options.board.settle(attempt, outcome, error);
  }

  /** Refusals in a row of a message about this alert alone. */
  refusals(receiver: string, fingerprint: string): number {
    return this.#options.board.ledger.rows(receiver).get(fingerprint)?.refusals ?? 0;
  }

  /** A message about this alert alone was refused. */
  refused(receiver: string, fingerprint: string, retryAt: number | undefined): void {
    const { ledger } = this.#options.board;
    const row = ledger.rows(receiver).get(fingerprint);
    if (row !== undefined) ledger.put({ ...row, refusals: row.refusals + 1, retryAt });
  }

  /** Closes rows of alerts that have ended without a word, for receivers that want no ends. */
  closeSilently(receiver: string): void {
    const { board } = this.#options;
    for (const { kind, row } of board.changes(receiver)) {
      if (kind === 'ended') board.drop(row);
    }
  }

  /** Alerts of the group that the receiver knows, without those of the message. */
  #knownBeside({ group, listed, counted }: Message, receiver: string): number {
    const inMessage = [...listed, ...counted].filter(({ row }) => row.group.key === group.key && believes(row));
    return this.#options.board.ledger.knownIn(receiver, group.key) - inMessage.length;
  }

  /** That of the group while the receiver knows any of its alerts, else a new one. */
  #threadOf({ group, listed: [first] }: Message, receiver: string): string | undefined {
    const { ledger } = this.#options.board;
    return ledger.threadOf(receiver, group.key) ?? first?.row.thread ?? first?.fact.episode;
  }

  /** A word about an alert that has changed since then still says the same. */
  #viewOf({ fingerprint, kind, level, flapping }: Word): AlertView | undefined {
    const { board, clock, complete, current } = this.#options;
    const fact = board.truth.get(fingerprint);
    if (fact === undefined) return undefined;
    if (kind === 'ended' || kind === 'missed') {
      const { view } = fact;
      return complete({ ...view, status: 'resolved', level, endsAt: view.endsAt ?? clock.now() });
    }
    const now = fact.status === 'firing' ? (current(fingerprint) ?? fact.view) : fact.view;
    const { context, firedValue, silentSince } = fact.view;
    const remembered = { context, firedValue, silentSince: now.silentSince && silentSince };
    return complete({ ...now, ...remembered, status: 'firing', endsAt: undefined, level, flapping });
  }
}

function madeEntry(notification: Notification, attempt: Attempt) {
  const { id, receiver, reason, groupKey, alerts, time } = notification;
  const about = aboutOf(notification, attempt);
  return {
    at: time,
    kind: 'notification' as const,
    reason,
    receiver,
    ...about.alerts,
    detail: { id, group: groupKey, alerts: alerts.map(({ fingerprint }) => fingerprint), ...about.kinds },
  };
}
