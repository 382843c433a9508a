/** Truth and ledger of all receivers, and the audience that connects them: which rows are owed, and what is open for whom. */
import type { Clock } from '../../core/clock.ts';
import type { AlertView } from '../../plugin/notification.ts';
import type { AlertEvent } from '../alert-event.ts';
import { audience, type Policy, type Want } from '../audience/audience.ts';
import type { AlertStore } from '../store/store.ts';

import type { Attempt } from './attempt-record.ts';
import { believes, Ledger, type Outcome, type Row } from './ledger.ts';
import { isRealMute, Mutes, waited } from './mutes.ts';
import { changeOf, repeatAt, type Change } from './plan.ts';
import type { Standing } from '../why/standing.ts';
import { Truth, type Fact } from './truth.ts';

export interface BoardOptions {
  readonly store: AlertStore;
  readonly clock: Clock;
  readonly policy: () => Policy;
  /** The alert as it is now; undefined if it does not fire. */
  readonly current: (fingerprint: string) => AlertView | undefined;
  /** Something may be open for these receivers. */
  readonly onOpen: (receivers: Iterable<string>) => void;
  readonly hub?: HubSide | undefined;
}

/** What a hub has to do with alerts of this agent: it notifies of them first. Times are by the clock's `elapsed`. */
export interface HubSide {
  /** Receivers of this agent hear of it for the first time then at the earliest. */
  heldUntil(fact: Fact, receiver?: string): number;
  /** The hub must still hear of it. */
  needs(fact: Fact): boolean;
  /** In the transaction of an event. */
  changed(fact: Fact): void;
  /** In the transaction of the outcome. @param error why it was not accepted, for people */
  settled(attempt: Attempt, outcome: Outcome, error: string | undefined): void;
}

interface ReceiverState {
  /** By fingerprint: why, where and how often the receiver wants to hear of what fires. */
  readonly wants: Map<string, Want>;
  /** Fingerprints that may have something to say. */
  readonly open: Set<string>;
  /** Group → when the receiver last heard of it, by the clock's `elapsed`. */
  readonly heardAt: Map<string, number>;
  /** When the next repeat is due. */
  repeatAt: number;
}

/** How often it is checked whether an acknowledgement is over. */
const ACK_CHECK_MS = 30_000;

const MOST_GROUPS_REMEMBERED = 10_000;

export class Board {
  readonly truth: Truth;
  readonly ledger: Ledger;
  readonly #options: BoardOptions;
  readonly #states = new Map<string, ReceiverState>();
  /** Firing alerts whose audience may change by time: considered again at each tick. */
  readonly #watched = new Set<string>();
  readonly #mutes: Mutes;

  constructor(options: BoardOptions) {
    this.#options = options;
    this.truth = new Truth(options.store, options.clock);
    this.ledger = new Ledger(options.store, options.clock);
    this.#mutes = new Mutes(options.store, options.clock);
    for (const receiver of this.ledger.receivers()) {
      const state = this.#state(receiver);
      for (const row of this.ledger.rows(receiver).values()) {
        state.open.add(row.fingerprint);
        if (row.lastAt !== undefined) remember(state, row.group.key, row.lastAt);
      }
    }
  }

  /** In the transaction of the event. @returns false for an event that is history only: of the past, or while it flaps */
  take(event: AlertEvent): boolean {
    const fact = this.truth.take(event);
    if (fact !== undefined) this.#consider(fact);
    return fact !== undefined;
  }

  /** An alert of another host, in a transaction. */
  takeIn(fact: Fact): void {
    this.#consider(this.truth.adopt(fact));
  }

  /** The receiver hears the rest from somebody else. In a transaction. */
  handOff(row: Row, reason: string): void {
    const { store, clock } = this.#options;
    const { fingerprint, receiver } = row;
    this.ledger.withdraw(row);
    this.drop(row);
    store.audit({ at: clock.now(), kind: 'handover', reason, fingerprint, receiver });
  }

  /** The hub has heard of its end: receivers that have not heard of it need not any more. In a transaction. */
  release(fingerprint: string): void {
    if (this.truth.get(fingerprint)?.status !== 'ended') return;
    for (const row of this.ledger.about(fingerprint)) if (this.ledger.isUnheard(row)) this.ledger.delete(row);
    this.#released(fingerprint);
  }

  addContext(fingerprint: string, context: AlertView['context']): void {
    this.truth.addContext(fingerprint, context);
    const fact = this.truth.get(fingerprint);
    if (fact !== undefined) this.#options.hub?.changed(fact);
    this.#options.onOpen(this.ledger.about(fingerprint).map(({ receiver }) => receiver));
  }

  /** After a start: what fires is taken in, and what fired when the process ended and does not fire now has ended. */
  adopt(alerts: readonly AlertEvent[]): void {
    const firing = new Set(alerts.map(({ alert }) => alert.fingerprint));
    this.#options.store.transaction(() => {
      for (const event of alerts) this.truth.take(event);
      for (const { fingerprint, origin } of this.truth.firing())
        if (!firing.has(fingerprint) && origin === undefined) this.truth.end(fingerprint, 'restart');
      this.reconsider();
    });
  }

  /** Routes, receivers or silences have changed. */
  reconsider(): void {
    this.#options.store.transaction(() => {
      for (const state of this.#states.values()) state.wants.clear();
      for (const fact of this.truth.all()) this.#consider(fact);
    });
  }

  /** A mute may have ended, an escalation or a repeat be due. @returns whether something waits for time to pass */
  tick(): boolean {
    const { clock, store, onOpen } = this.#options;
    store.transaction(() => {
      for (const fingerprint of [...this.#watched]) {
        const fact = this.truth.get(fingerprint);
        if (fact?.status === 'firing') this.#consider(fact);
        else this.#watched.delete(fingerprint);
      }
    });
    const elapsed = clock.elapsed();
    for (const [receiver, state] of this.#states) {
      if (state.repeatAt > elapsed) continue;
      this.#findRepeats(receiver, state, elapsed);
      onOpen([receiver]);
    }
    return this.#watched.size > 0;
  }

  /** Firing alerts that the receiver was notified of. */
  knownTo(receiver: string): readonly AlertView[] {
    return [...this.ledger.rows(receiver).values()].flatMap((row) =>
      believes(row) ? (this.#options.current(row.fingerprint) ?? []) : [],
    );
  }

  /** What holds an alert back from its receivers; undefined if no route leads anywhere. */
  mutesOf(fingerprint: string): readonly string[] | undefined {
    const wants = [...this.#states.values()].flatMap(({ wants: all }) => all.get(fingerprint) ?? []);
    return wants.length === 0 ? undefined : wants.flatMap(({ muted }) => muted ?? []);
  }

  /** What each receiver knows of an alert, or waits for. */
  standings(fingerprint: string): readonly Omit<Standing, 'lane'>[] {
    return [...this.#states].flatMap(([receiver, state]) => {
      const change = this.#changeOf(receiver, fingerprint, state);
      const [want, row] = [state.wants.get(fingerprint), this.ledger.rows(receiver).get(fingerprint)];
      return want === undefined && row === undefined ? [] : [{ receiver, want, row, change }];
    });
  }

  changes(receiver: string): readonly Change[] {
    const state = this.#state(receiver);
    const changes: Change[] = [];
    for (const fingerprint of state.open) {
      const change = this.#changeOf(receiver, fingerprint, state);
      if (change === undefined) state.open.delete(fingerprint);
      else changes.push(change);
    }
    return changes;
  }

  /** When the next repeat is due for this receiver, by the clock's `elapsed`. */
  repeatAt(receiver: string): number {
    return this.#state(receiver).repeatAt;
  }

  /** The outcome of an attempt, in one transaction. */
  settle(attempt: Attempt, outcome: Outcome, error?: string): void {
    const { store, clock, hub } = this.#options;
    const state = this.#state(attempt.receiver);
    store.transaction(() => {
      const gone = this.ledger.end(attempt, outcome);
      hub?.settled(attempt, outcome, error);
      for (const fingerprint of gone) this.#released(fingerprint);
    });
    for (const { fingerprint, kind, group } of [...attempt.listed, ...attempt.counted]) {
      state.open.add(fingerprint);
      if (outcome !== 'accepted') continue;
      if (kind !== 'ended' && kind !== 'missed') remember(state, group.key, clock.elapsed());
      const row = this.ledger.rows(attempt.receiver).get(fingerprint);
      const want = state.wants.get(fingerprint);
      if (row !== undefined && want !== undefined) state.repeatAt = Math.min(state.repeatAt, repeatAt(row, want));
      const fact = this.truth.get(fingerprint);
      // An escalation counts from now on; an alert that fires again must be notified again.
      if (fact?.status === 'firing') this.#consider(fact);
    }
  }

  /** These receivers go on under another name. In a transaction; the alerts are considered again afterwards. */
  rename(names: ReadonlyMap<string, string>): void {
    this.ledger.rename(names);
    for (const [from, to] of names) {
      const old = this.#states.get(from);
      this.#states.delete(from);
      const state = this.#state(to);
      for (const fingerprint of this.ledger.rows(to).keys()) state.open.add(fingerprint);
      for (const [group, at] of old?.heardAt ?? []) remember(state, group, at);
    }
  }

  /** The receiver is gone, or another one: the ends of what it knows are not sent. */
  abandon(receiver: string, reason: string): void {
    const { store, clock } = this.#options;
    store.transaction(() => {
      for (const row of [...this.ledger.rows(receiver).values()]) {
        this.drop(row);
        store.audit({ at: clock.now(), kind: 'suppressed', reason, fingerprint: row.fingerprint, receiver });
      }
      this.ledger.abandon(receiver);
    });
    this.#states.delete(receiver);
  }

  /** Nothing is owed any more. */
  drop(row: Row): void {
    this.ledger.delete(row);
    this.#released(row.fingerprint);
  }

  #consider(fact: Fact): void {
    const { clock, policy, onOpen, hub } = this.#options;
    hub?.changed(fact);
    const { fingerprint } = fact;
    const receivers = new Set(this.ledger.about(fingerprint).map(({ receiver }) => receiver));
    if (fact.status === 'firing') {
      const firstAt = this.ledger
        .about(fingerprint)
        .reduce<number | undefined>((at, row) => earlier(at, row.firstAt), undefined);
      const found = audience(fact.view, firstAt, policy(), clock.elapsed());
      const isHeldBack = found.wants.some(({ muted }) => muted !== undefined);
      if (isHeldBack || found.mayChange) this.#watched.add(fingerprint);
      else this.#watched.delete(fingerprint);
      for (const [receiver, state] of this.#states) {
        if (!found.wants.some((want) => want.receiver === receiver)) this.#unwanted(fact, receiver, state);
      }
      for (const want of found.wants) {
        this.#want(fact, want);
        receivers.add(want.receiver);
      }
    } else {
      this.#watched.delete(fingerprint);
      this.#ended(fact);
    }
    for (const receiver of receivers) this.#state(receiver).open.add(fingerprint);
    onOpen(receivers);
  }

  #want(fact: Fact, given: Want): void {
    const group = this.ledger.sharedGroup(given.group);
    const want = { ...given, group, muted: given.muted ?? heldBack(fact) };
    const { fingerprint } = fact;
    const { clock } = this.#options;
    const state = this.#state(want.receiver);
    state.wants.set(fingerprint, want);
    const row = this.ledger.rows(want.receiver).get(fingerprint);
    if (row === undefined && want.muted !== undefined) {
      this.#mutes.note(fact, want.receiver, want.muted);
      return;
    }
    if (row !== undefined) {
      const at = repeatAt(row, want);
      if (believes(row)) state.repeatAt = Math.min(state.repeatAt, at);
      return;
    }
    const mute = this.#mutes.take(want.receiver, fingerprint);
    const { level } = fact.view;
    this.ledger.put({
      receiver: want.receiver,
      fingerprint,
      episode: fact.episode,
      level,
      flapping: false,
      heard: 'owed',
      words: 0,
      group: want.group,
      wasMuted: isRealMute(mute),
      because: want.because,
      owedAt: clock.elapsed() - waited(fact, want, mute, clock.now()),
      repeats: 0,
      refusals: 0,
    });
  }

  /** No route leads there any more: nothing new is said, but what was said is ended. */
  #unwanted({ fingerprint }: Fact, receiver: string, state: ReceiverState): void {
    state.wants.delete(fingerprint);
    const row = this.ledger.rows(receiver).get(fingerprint);
    if (row !== undefined && this.ledger.isUnheard(row)) this.ledger.delete(row);
  }

  #ended(fact: Fact): void {
    for (const row of this.ledger.about(fact.fingerprint)) {
      const want = this.#states.get(row.receiver)?.wants.get(fact.fingerprint);
      // Muted from the beginning to the end, or to a moment before the end: nothing is owed.
      const isHeldBack = want?.muted !== undefined || (row.wasMuted && row.heard === 'owed');
      const isDone = isHeldBack || this.#options.hub?.heldUntil(fact, row.receiver) === Infinity;
      if (isDone && this.ledger.isUnheard(row)) this.ledger.delete(row);
    }
    for (const [receiver] of this.#states) this.#mutes.take(receiver, fact.fingerprint);
    this.#released(fact.fingerprint);
  }

  #released(fingerprint: string): void {
    const fact = this.truth.get(fingerprint);
    const isOver = fact?.status !== 'firing' && this.ledger.about(fingerprint).length === 0;
    if (isOver && (fact === undefined || this.#options.hub?.needs(fact) !== true)) this.#forget(fingerprint);
  }

  #forget(fingerprint: string): void {
    this.truth.release(fingerprint);
    for (const { wants, open } of this.#states.values()) {
      wants.delete(fingerprint);
      open.delete(fingerprint);
    }
  }

  #changeOf(receiver: string, fingerprint: string, state: ReceiverState): Change | undefined {
    const row = this.ledger.rows(receiver).get(fingerprint);
    const fact = this.truth.get(fingerprint);
    if (row === undefined || fact === undefined) return undefined;
    const want = this.#wantNow(state, fact);
    const group = believes(row) ? row.group.key : (want?.group.key ?? row.group.key);
    return changeOf(row, fact, {
      heldUntil: this.#options.hub?.heldUntil(fact, receiver) ?? -Infinity,
      elapsed: this.#options.clock.elapsed(),
      isAcknowledged: this.#options.policy().isAcknowledged(fingerprint),
      want,
      groupHeardAt: state.heardAt.get(group) ?? -Infinity,
    });
  }

  /** A mute may have begun since the alert was looked at: an hour of the night, another alert that explains it. */
  #wantNow({ wants }: ReceiverState, fact: Fact): Want | undefined {
    const { fingerprint, view, status } = fact;
    const want = wants.get(fingerprint);
    if (want === undefined || want.muted !== undefined || status === 'ended') return want;
    const muted = this.#options.policy().mutedBy(view, want.route, want.name);
    if (muted === undefined) return want;
    const held = { ...want, muted };
    wants.set(fingerprint, held);
    this.#watched.add(fingerprint);
    this.#mutes.note(fact, want.receiver, muted);
    return held;
  }

  #findRepeats(receiver: string, state: ReceiverState, elapsed: number): void {
    state.repeatAt = Infinity;
    for (const row of this.ledger.rows(receiver).values()) {
      const want = state.wants.get(row.fingerprint);
      if (want === undefined || !believes(row)) continue;
      // An acknowledgement may end by its time.
      const isAcknowledged = this.#options.policy().isAcknowledged(row.fingerprint);
      const at = isAcknowledged ? elapsed + ACK_CHECK_MS : repeatAt(row, want);
      if (at <= elapsed) state.open.add(row.fingerprint);
      else state.repeatAt = Math.min(state.repeatAt, at);
    }
  }

  #state(receiver: string): ReceiverState {
    const known = this.#states.get(receiver);
    if (known !== undefined) return known;
    const state: ReceiverState = { wants: new Map(), open: new Set(), heardAt: new Map(), repeatAt: Infinity };
    this.#states.set(receiver, state);
    return state;
  }
}

/** Of the alert itself, for all receivers. */
function heldBack({ isQuiet, origin }: Fact): string | undefined {
  if (isQuiet) return 'history only';
  if (origin?.isDelivered === true) return `the agent of ${origin.name} notifies`;
  return origin?.held;
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function remember({ heardAt }: ReceiverState, group: string, at: number): void {
  heardAt.delete(group);
  heardAt.set(group, at);
  const [oldest] = heardAt.keys();
  if (heardAt.size > MOST_GROUPS_REMEMBERED && oldest !== undefined) heardAt.delete(oldest);
}
