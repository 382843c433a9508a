/** Notifications of alerts: silences, acknowledgements, and a lane for each receiver over one board. */
import { setMaxListeners } from 'node:events';

import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { AlertView, ContextTable } from '../../plugin/notification.ts';
import type { AlertEvent } from '../alert-event.ts';
import { Acks } from '../audience/acks.ts';
import type { Policy } from '../audience/audience.ts';
import { labelsOf } from '../audience/matchers.ts';
import { Desk } from '../handover/desk.ts';
import { Guests } from '../handover/guests.ts';
import type { RepeatTimes, Routing } from '../audience/routing.ts';
import { Silences } from '../audience/silences.ts';
import { Suppression } from '../audience/suppression.ts';
import type { Resolution } from '../../api/hub-alerts.ts';
import type { Hop, WhyAnswer } from '../../api/why.ts';
import {
  RefusedRequest,
  type AckRequest,
  type ListedAlert,
  type ListedSilence,
  type SilenceRequest,
} from '../control.ts';
import type { AlertStore } from '../store/store.ts';
import { whyOf, type OfHub } from '../why/why.ts';

import { Addresses } from './addresses.ts';
import { Attempts } from './attempts.ts';
import { Board } from './board.ts';
import type { Display } from './compose.ts';
import { Deferred } from './deferred.ts';
import type { OnTrouble } from './health.ts';
import { Lane, type ReceiverStatus } from './lane.ts';
import { believes, type Row } from './ledger.ts';
import type { Receiver } from './receiver.ts';
import type { Fact } from './truth.ts';
import { whyMeans } from './why-means.ts';

export interface NotificationsOptions {
  readonly routing: Routing;
  readonly receivers: readonly Receiver[];
  /** Repeat intervals of a rule. */
  readonly repeatOf: (rule: string) => RepeatTimes | undefined;
  readonly store: AlertStore;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** The alert as it is now; undefined if it does not fire. */
  readonly current: (fingerprint: string) => AlertView | undefined;
  readonly display: () => Display;
  /** Ends an alert that is judged here, since somebody did so at the hub. In a transaction. Default: nothing is judged here. */
  readonly onResolution?: (resolution: Resolution) => void;
  /** As the API lists it; undefined for one that has ended. */
  readonly listed?: (fingerprint: string) => ListedAlert | undefined;
  /** This process. Default: an agent without a name. */
  readonly hop?: () => Hop;
  /** Called when messages to a receiver do not arrive, and when they do again. */
  readonly onTrouble?: OnTrouble;
  /** Where a link to a hub gets alerts. Default: one that has none. */
  readonly desk?: Desk | undefined;
  readonly log: Logger;
}

const TIDY_MS = 3_600_000;
/** Steps that a hub tells an agent. */
const MOST_FOR_AGENT = 300;

export class Notifications {
  readonly #options: NotificationsOptions;
  readonly #silences: Silences;
  readonly #acks: Acks;
  readonly #board: Board;
  readonly #attempts: Attempts;
  readonly #deferred: Deferred;
  readonly #addresses: Addresses;
  readonly #desk: Desk;
  /** Alerts that agents have handed to this hub. */
  readonly guests: Guests;
  readonly #lanes = new Map<string, Lane>();
  /** Name of a receiver → of the first one with the same address. */
  #laneOf: ReadonlyMap<string, string> = new Map();
  #routing: Routing;
  #suppression: Suppression;
  #tidiedAt = -Infinity;
  #state: 'new' | 'running' | 'ended' = 'new';
  #opened = new Set<string>();

  constructor(options: NotificationsOptions) {
    const { routing, store, clock, display, desk = new Desk(options.clock) } = options;
    const current = (fingerprint: string) => this.current(fingerprint);
    const complete = (alert: AlertView) => this.complete(alert);
    this.#options = options;
    this.#routing = routing;
    this.#silences = new Silences(store, clock);
    this.#silences.configure(routing.silences);
    this.#acks = new Acks(store, clock);
    this.#suppression = new Suppression(routing, this.#silences);
    this.#board = new Board({
      store,
      clock,
      current,
      policy: () => this.#policy,
      hub: desk,
      onOpen: (receivers) => {
        this.#open(receivers);
      },
    });
    this.#attempts = new Attempts({ board: this.#board, store, clock, current, complete, display });
    this.#deferred = new Deferred({ store, clock, log: options.log });
    this.#addresses = new Addresses(store, clock);
    this.#desk = desk;
    this.guests = this.#createGuests();
    this.#bindDesk();
    this.#setReceivers(options.receivers);
  }

  /** Takes in what fires already, and sends. */
  start(firing: readonly AlertEvent[]): void {
    for (const { alert } of firing) this.#suppression.fires(alert);
    for (const { view, origin } of this.#board.truth.firing()) if (origin !== undefined) this.#suppression.fires(view);
    this.#board.adopt(firing);
    this.#desk.start();
    this.#state = 'running';
    for (const lane of this.#lanes.values()) lane.start();
  }

  /** In the transaction of the event. */
  handle(event: AlertEvent): void {
    this.guests.makeRoom(event.alert.fingerprint);
    if (this.#board.take(event)) this.#changed(event.alert);
  }

  /** The alert as it is now; undefined if it does not fire. */
  current(fingerprint: string): AlertView | undefined {
    const fact = this.#board.truth.get(fingerprint);
    if (fact?.origin === undefined) return this.#options.current(fingerprint);
    return fact.status === 'firing' ? fact.view : undefined;
  }

  /** Those that fire, of other hosts. */
  handedIn(): readonly Fact[] {
    return this.#board.truth.firing().filter(({ origin }) => origin !== undefined);
  }

  /** All that is known of why receivers hear of an alert, or do not. @param ofHub what its hub says */
  why(fingerprint: string, ofHub: OfHub | undefined, limit: number): WhyAnswer | undefined {
    const { store, clock, listed = () => undefined, hop } = this.#options;
    const of = { store, clock, hop: hop?.(), silences: this.#silences, board: this.#board, lanes: this.#lanes };
    const means = whyMeans(fingerprint, { ...of, isWithHub: this.notifierOf(fingerprint) !== undefined });
    return whyOf({ fingerprint, listed: listed(fingerprint), ofHub, limit }, means);
  }

  /** Asks the hub of this agent. @returns undefined where there is none */
  askHub(fingerprint: string): Promise<OfHub | undefined> {
    return this.#desk.ask(fingerprint);
  }

  /** The hub that notifies of it; undefined: none does. */
  notifierOf(fingerprint: string): string | undefined {
    const fact = this.#board.truth.get(fingerprint);
    return fact && this.#desk.notifier(fact);
  }

  addContext(fingerprint: string, context: readonly ContextTable[]): void {
    this.#board.addContext(fingerprint, context);
  }

  /** About once a second while something waits. @returns whether something does */
  tick(): boolean {
    const isWaiting = this.#board.tick();
    const isAsking = this.#desk.tick();
    const elapsed = this.#options.clock.elapsed();
    if (elapsed - this.#tidiedAt >= TIDY_MS) {
      this.#tidiedAt = elapsed;
      this.#silences.tidy(this.#options.clock.now());
    }
    for (const receiver of this.#addresses.expire()) this.#giveUp(receiver);
    return isWaiting || isAsking;
  }

  reload(routing: Routing, receivers: readonly Receiver[]): void {
    this.#routing = routing;
    this.#silences.configure(routing.silences);
    this.guests.silenced();
    this.#suppression = new Suppression(routing, this.#silences);
    for (const { view } of this.#board.truth.firing()) this.#suppression.fires(view);
    this.#setReceivers(receivers);
    this.#board.reconsider();
  }

  /** Sends what can be sent at once, until the signal aborts. The rest is in the ledger. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#desk.stop();
    this.#pumpOpened();
    // Each lane listens to it, however many there are.
    setMaxListeners(0, signal);
    await Promise.all([...this.#lanes.values()].map((lane) => lane.drain(signal)));
    this.#state = 'ended';
  }

  status(): readonly ReceiverStatus[] {
    return [...this.#lanes.values()].map((lane) => lane.status());
  }

  /** Firing alerts that this receiver was notified of. */
  knownTo(receiver: string): readonly AlertView[] {
    return this.#board.knownTo(receiver);
  }

  listSilences(): readonly ListedSilence[] {
    return this.#silences.list();
  }

  /** @throws RefusedRequest, as do the following */
  addSilence(request: SilenceRequest): ListedSilence {
    const silence = this.#silences.add(request);
    this.guests.silenced();
    this.#board.reconsider();
    return silence;
  }

  expireSilence(id: string, by: string): ListedSilence {
    const silence = this.#silences.expire(id, by);
    this.guests.silenced();
    this.#board.reconsider();
    return silence;
  }

  acknowledge(request: AckRequest): void {
    const alert = this.current(request.fingerprint);
    if (alert === undefined) throw new RefusedRequest(`The alert ${request.fingerprint} does not fire`);
    this.#acks.add(request, alert);
    this.#acted(request.fingerprint);
  }

  #acted(fingerprint: string): void {
    this.guests.acted(fingerprint);
    this.#desk.acted();
  }

  withdrawAck(fingerprint: string, by: string): void {
    if (this.#acks.of(fingerprint) === undefined) throw new RefusedRequest(`Nobody has acknowledged ${fingerprint}`);
    this.#acks.withdraw(fingerprint, by);
    this.#acted(fingerprint);
    this.#board.reconsider();
  }

  /** With what people did about it. */
  complete(alert: AlertView): AlertView {
    const silenced = this.#silences.find(labelsOf(alert), this.#options.clock.now()) !== undefined;
    return { ...alert, silenced, ack: this.#acks.of(alert.fingerprint) ?? alert.ack };
  }

  /** Why a receiver is not notified of it now; empty if all are. */
  suppressions({ fingerprint }: AlertView): readonly string[] {
    const notifier = this.notifierOf(fingerprint);
    const mutes = notifier === undefined ? this.#board.mutesOf(fingerprint) : [`${notifier} notifies`];
    if (mutes === undefined) return ['history only'];
    const ack = this.#acks.of(fingerprint);
    return [...new Set(ack === undefined ? mutes : [...mutes, `acknowledged by ${ack.by}`])];
  }

  #changed(alert: AlertView): void {
    this.#acks.onChange(alert);
    if (alert.status === 'resolved') this.#suppression.ended(alert.fingerprint);
    else this.#suppression.fires(alert);
  }

  /** What people did, which agent and hub tell each other. */
  #acts() {
    const reconsider = () => {
      this.#board.reconsider();
    };
    return { acks: this.#acks, silences: this.#silences, reconsider };
  }

  #createGuests(): Guests {
    const { store, clock } = this.#options;
    const { truth, ledger } = this.#board;
    return new Guests({
      store,
      clock,
      truth,
      delivers: () => this.#lanes.size > 0,
      why: (fingerprint) => this.why(fingerprint, undefined, MOST_FOR_AGENT),
      ...this.#acts(),
      takeIn: (fact) => {
        this.#board.takeIn(fact);
        this.#changed(fact.view);
      },
      toldOf: (fingerprint, key) =>
        ledger
          .about(fingerprint)
          .filter((row) => !ledger.isUnheard(row))
          .flatMap(({ receiver }) => this.#addresses.hashOf(receiver, key) ?? []),
      handOff: (fact, told, key) => {
        if (told.length === 0) return;
        const ages = new Map(told.map(({ hash, ageMs }) => [hash, ageMs]));
        for (const row of ledger.about(fact.fingerprint)) {
          const ageMs = ages.get(this.#addresses.hashOf(row.receiver, key) ?? '');
          if (ageMs !== undefined && this.#hasAgentLastWord(fact, row, ageMs))
            this.#board.handOff(row, 'moved_to_agent');
        }
      },
    });
  }

  /** @param ageMs since the agent has said the last word to this receiver; 0: it will say the end */
  #hasAgentLastWord({ status, episode }: Fact, row: Row, ageMs: number): boolean {
    const { ledger } = this.#board;
    if (status === 'firing' || ageMs === 0 || ledger.isUnheard(row)) return true;
    // What this hub has said after that, or about an earlier time, it takes back itself.
    const isAfter = row.lastAt === undefined || row.lastAt >= this.#options.clock.elapsed() - ageMs;
    return believes(row) && row.episode === episode && !isAfter;
  }

  #bindDesk(): void {
    const { store, clock, onResolution: resolve = () => undefined } = this.#options;
    const { truth, ledger } = this.#board;
    this.#desk.bind({
      store,
      truth,
      ledger,
      current: (fingerprint) => this.current(fingerprint),
      held: (view, hub) => {
        const silence = this.#silences.findBut(hub, labelsOf(view), clock.now());
        return silence === undefined ? undefined : `silenced by ${silence}`;
      },
      resolve,
      addressHash: (receiver, key) => this.#addresses.hashOf(receiver, key),
      release: (fingerprint) => {
        this.#board.release(fingerprint);
      },
      reopen: () => {
        this.#open(this.#lanes.keys());
      },
      ...this.#acts(),
    });
  }

  get #policy(): Policy {
    const { repeatOf, clock } = this.#options;
    return {
      routing: this.#routing,
      now: clock.now(),
      repeatOf,
      laneOf: (name) => this.#laneOf.get(name) ?? name,
      mutedBy: (alert, route, receiver) => {
        const row = this.#board.ledger.rows(this.#laneOf.get(receiver) ?? receiver).get(alert.fingerprint);
        return this.#suppression.of(alert, route, receiver, row !== undefined && believes(row), clock.now());
      },
      isAcknowledged: (fingerprint) => this.#acks.of(fingerprint) !== undefined,
    };
  }

  #setReceivers(receivers: readonly Receiver[]): void {
    const { store } = this.#options;
    const { lanes, moved, replaced } = store.transaction(() => {
      const next = this.#addresses.use(receivers, this.#board.ledger.receivers());
      for (const name of next.replaced) this.#board.abandon(name, 'receiver_replaced');
      this.#board.rename(next.moved);
      this.#deferred.rename(next.moved);
      return next;
    });
    this.#laneOf = lanes;
    const others = new Set([...replaced, ...moved.keys()]);
    for (const [name, lane] of this.#lanes) {
      if (lanes.get(name) === name && !others.has(name)) continue;
      lane.close();
      this.#lanes.delete(name);
    }
    for (const receiver of receivers) {
      const lane = this.#laneOf.get(receiver.name);
      if (lane === receiver.name) this.#setReceiver(receiver);
      else
        this.#options.log.warn(
          `The notifiers ${lane} and ${receiver.name} lead to the same place: ${lane} sends for both`,
        );
    }
  }

  #setReceiver(receiver: Receiver): void {
    const known = this.#lanes.get(receiver.name);
    if (known !== undefined) {
      known.use(receiver);
      return;
    }
    const { store, clock, random, log, onTrouble = () => undefined } = this.#options;
    const own = { board: this.#board, attempts: this.#attempts, deferred: this.#deferred };
    const lane = new Lane(receiver, { ...own, store, clock, random, log, onTrouble });
    this.#lanes.set(receiver.name, lane);
    if (this.#state === 'running') lane.start();
  }

  #giveUp(receiver: string): void {
    if (this.#board.ledger.rows(receiver).size === 0) return;
    this.#board.abandon(receiver, 'receiver_removed');
    this.#options.log.warn(`The ledger of ${receiver} is dropped: it has not been a notifier for a day`);
  }

  /** Sent as soon as the transaction has ended, before anything else that waits for its turn in the process. */
  #open(receivers: Iterable<string>): void {
    const isFirst = this.#opened.size === 0;
    for (const receiver of receivers) this.#opened.add(receiver);
    if (!isFirst || this.#opened.size === 0) return;
    queueMicrotask(() => {
      this.#pumpOpened();
    });
  }

  #pumpOpened(): void {
    const opened = this.#opened;
    this.#opened = new Set();
    if (this.#state !== 'running') return;
    for (const receiver of opened) this.#lanes.get(receiver)?.news();
  }
}
