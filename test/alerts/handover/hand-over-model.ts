/**
 * A model of an agent that hands its alerts to a hub, over a network that loses, delays and doubles: people fold what both have sent
 * them. The parts under test are real: desk, courier, guests, and the notifications of both.
 */
import fc from 'fast-check';

import { Desk } from '../../../src/alerts/handover/desk.ts';
import type { Attempt } from '../../../src/alerts/notify/attempt-record.ts';
import type { Receiver } from '../../../src/alerts/notify/receiver.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import { alertsAnswer, alertsMessage, type AlertsAnswer, type AlertsMessage } from '../../../src/api/hub-alerts.ts';
import { Courier } from '../../../src/host/hub/courier.ts';
import { rank, type AlertLevel, type Notification } from '../../../src/plugin/notification.ts';
import { Person } from '../../support/kit/person.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';
import { Crash, Kit, routingOf, settableClock, settle } from '../notify/notify-kit.ts';

const HOST = { id: 'host1', name: 'web1', tags: {} };
const SECOND = 1000;
const MINUTE = 60_000;
export const DELIVER_AFTER_MS = MINUTE;

/** Chat is a receiver of the hub, mail of the agent, and the pager of both. */
type Side = 'hub' | 'agent';
type Name = 'chat' | 'mail' | 'pager';
const RECEIVERS: Readonly<Record<Side, readonly Name[]>> = { hub: ['chat', 'pager'], agent: ['mail', 'pager'] };

type Answer = 'ok' | 'unreachable' | 'lost_but_arrived' | 'lost';
type Net = 'ok' | 'lost' | 'answer_lost' | 'late' | 'twice' | 'refused';

export type Command =
  | { readonly do: 'set'; readonly alert: number; readonly level: AlertLevel | 'ok' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'net'; readonly nets: readonly Net[] }
  | { readonly do: 'cut'; readonly isCut: boolean }
  | { readonly do: 'hub'; readonly isUp: boolean }
  | { readonly do: 'answer'; readonly side: Side; readonly name: number; readonly answers: readonly Answer[] }
  | { readonly do: 'silence'; readonly side: Side; readonly alert: number; readonly ms: number }
  | { readonly do: 'ack'; readonly side: Side; readonly alert: number; readonly isWithdrawn: boolean }
  | { readonly do: 'resolve'; readonly alert: number }
  | { readonly do: 'crash'; readonly side: Side; readonly after: number }
  | { readonly do: 'clock'; readonly ms: number };

const alert = fc.integer({ min: 0, max: 2 });
const level = fc.constantFrom<AlertLevel | 'ok'>('warning', 'critical', 'warning', 'critical', 'ok', 'ok');
const side = fc.constantFrom<Side>('hub', 'agent');

export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('set' as const), alert, level }) },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(500, 5000, 16_000, 65_000, 200_000) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('net' as const),
      nets: fc.array(fc.constantFrom<Net>('ok', 'lost', 'answer_lost', 'late', 'twice', 'refused'), { maxLength: 8 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), isCut: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('hub' as const), isUp: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      side,
      name: fc.integer({ min: 0, max: 1 }),
      answers: fc.array(fc.constantFrom<Answer>('ok', 'unreachable', 'lost_but_arrived', 'lost'), { maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('silence' as const), side, alert, ms: fc.constantFrom(20_000, 120_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ack' as const), side, alert, isWithdrawn: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('resolve' as const), alert }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('crash' as const), side, after: fc.integer({ min: 0, max: 6 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('clock' as const), ms: fc.constantFrom(7_200_000, -7_200_000) }),
  },
);

/** What a mutation of the parts may change, to see that the model notices. */
export interface Mutation {
  /** The hub's disk is empty after each restart. */
  readonly hubForgets?: boolean;
  readonly desk?: (desk: Desk) => void;
  readonly message?: (message: AlertsMessage, key: string) => AlertsMessage;
  readonly answer?: (answer: AlertsAnswer) => AlertsAnswer;
}

export class HandOver {
  readonly clock = settableClock();
  readonly disks = { hub: memoryAlertStore(), agent: memoryAlertStore() };
  readonly people = { chat: new Person(), mail: new Person(), pager: new Person() };
  readonly violations: Error[] = [];
  readonly answers = new Map<string, Answer[]>();
  readonly generations = { hub: 0, agent: 0 };
  nets: Net[] = [];
  isCut = false;
  isHubUp = true;
  hub: Kit;
  agent: Kit;
  courier!: Courier;
  readonly #mutation: Mutation;
  #session: string | undefined;
  #lastSeq = new Map<string, number>();
  /** Alert → since when the agent has something of it that the hub has not confirmed, on the clock's `elapsed`. */
  readonly #unconfirmed = new Map<string, { readonly level: number; readonly at: number }>();
  /** Alert → rank of the level that the hub has confirmed in this episode. */
  readonly #confirmed = new Map<string, number>();
  /** A receiver of the agent has heard of them, or may have. */
  readonly #begunByAgent = new Set<string>();
  /** The hub knows that the agent notifies of these. */
  readonly #deliveredByAgent = new Set<string>();
  /** Alert → start that the pager heard of. */
  readonly #toldStart = new Map<string, number>();
  /** Alert → beginnings that the pager heard of, and not yet of their ends. */
  readonly #owedEnds = new Map<string, Set<string>>();
  #isClockRight = true;

  constructor(mutation: Mutation = {}) {
    this.#mutation = mutation;
    this.hub = this.#newHub();
    this.hub.start();
    this.agent = this.#newAgent();
    this.agent.start();
  }

  async run(given: Command): Promise<void> {
    try {
      this.#act(given);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    await settle();
    await this.#revive();
    if (given.do === 'wait') await this.pass(given.ms);
  }

  async pass(ms: number): Promise<void> {
    const step = ms > 10 * MINUTE ? 15 * SECOND : SECOND;
    for (let left = ms; left > 0; left -= step) {
      this.clock.advance(Math.min(step, left));
      await settle();
      this.#beat();
      for (const kit of this.isHubUp ? [this.hub, this.agent] : [this.agent]) {
        try {
          kit.notifications.tick();
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
        }
      }
      await settle();
      await this.#revive();
    }
  }

  /** The answer to a heartbeat. */
  #beat(): void {
    const isHeard = this.isHubUp && !this.isCut && !this.hub.store.isDead && !this.agent.store.isDead;
    if (!isHeard) return;
    try {
      this.#signIn();
      this.courier.heard(this.hub.notifications.guests.version(HOST));
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }

  #signIn(): void {
    const session = `${this.generations.hub} ${this.generations.agent}`;
    if (this.#session === session) return;
    this.#session = session;
    this.courier.began('host1', 'hub:8400');
  }

  /** Everything works again, and nothing changes for a while: then everybody believes the truth, from one side. */
  async rest(): Promise<void> {
    for (const kit of [this.hub, this.agent]) kit.store.crashAfter = Infinity;
    this.nets = [];
    this.isCut = false;
    this.answers.clear();
    this.#act({ do: 'hub', isUp: true });
    // What it sends at its start is heard before time passes.
    await settle();
    await this.pass(40 * MINUTE);
    const world = new Map(this.agent.firing());
    for (const fingerprint of world.keys()) {
      const [here, there] = [this.agent, this.hub].map(({ notifications }) => {
        const alert = notifications.current(fingerprint);
        return alert && notifications.complete(alert).ack?.by;
      });
      if (here !== there)
        throw new Error(`${fingerprint} is acknowledged by ${here ?? 'nobody'} and ${there ?? 'nobody'}`);
    }
    const { chat, mail, pager } = this.people;
    for (const [name, { firing }] of Object.entries(this.people))
      for (const fingerprint of firing.keys())
        if (!world.has(fingerprint)) throw new Error(`${name} was never told that ${fingerprint} has ended`);
    for (const [fingerprint, { level: is, startsAt }] of world) {
      const owner = mail.firing.has(fingerprint) ? mail : chat;
      if (!owner.firing.has(fingerprint)) throw new Error(`nobody was told that ${fingerprint} fires`);
      if (owner.firing.get(fingerprint) !== is)
        throw new Error(`${fingerprint} is believed to be another level than ${is}`);
      // The hub may tell the end of an earlier time after the agent has told of this one.
      const isTold = pager.firing.has(fingerprint) || this.#toldStart.get(fingerprint) === startsAt;
      if (!isTold) throw new Error(`pager was never told that ${fingerprint} fires`);
    }
  }

  #newHub(): Kit {
    this.generations.hub += 1;
    if (this.#mutation.hubForgets === true) this.disks.hub = memoryAlertStore();
    this.#session = undefined;
    return this.#kit('hub');
  }

  #newAgent(): Kit {
    this.generations.agent += 1;
    this.#session = undefined;
    const desk = new Desk(this.clock);
    this.#mutation.desk?.(desk);
    const generation = this.generations.agent;
    const isHere = () => generation === this.generations.agent && !this.agent.store.isDead;
    this.courier = new Courier({
      name: 'hub',
      order: () => 0,
      desk,
      deliverAfterMs: DELIVER_AFTER_MS,
      speak: (work) => (isHere() ? this.#speak(work) : new Promise(() => undefined)),
      clock: this.clock,
      random: () => 0.5,
      log: recordingLog(),
    });
    return this.#kit('agent', desk);
  }

  #kit(of: Side, desk?: Desk): Kit {
    const receivers = RECEIVERS[of].map((name) => this.#receiver(of, name));
    const routing = routingOf({ route: { group_by: ['rule'], group_wait: '10s', group_interval: '10s' } }, receivers);
    return new Kit({ routing, receivers, store: this.disks[of], clock: this.clock, ...(desk && { desk }) });
  }

  #receiver(of: Side, name: Name): Receiver {
    const generation = this.generations[of];
    const isAlive = () =>
      generation === this.generations[of] && !this[of].store.isDead && (of === 'agent' || this.isHubUp);
    return {
      name,
      address: { kind: 'fake', target: name },
      timeout: 10 * SECOND,
      rate: { perSecond: 1000, burst: 1000 },
      most: 100,
      notifier: {
        notify: (notification) => (isAlive() ? this.#notify(of, name, notification) : new Promise(() => undefined)),
      },
    };
  }

  async #notify(of: Side, name: Name, notification: Notification): Promise<void> {
    if (of === 'agent') this.#checkTurn(name, notification);
    else this.#checkHub(notification);
    await Promise.resolve();
    const answer = this.answers.get(`${of} ${name}`)?.shift() ?? 'ok';
    const person = this.people[name];
    const words = notification.alerts.map(({ fingerprint }) => fingerprint);
    if (answer === 'unreachable')
      throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' });
    if (of === 'agent') for (const fingerprint of words) this.#begunByAgent.add(fingerprint);
    if (answer !== 'ok') for (const fingerprint of words) person.unsure.add(fingerprint);
    if (answer !== 'lost') this.#hear(name, notification);
    if (answer === 'ok') return;
    for (const fingerprint of words) person.unsure.add(fingerprint);
    throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
  }

  #hear(name: Name, notification: Notification): void {
    const person = this.people[name];
    try {
      for (const { fingerprint, change } of notification.alerts) {
        if (change?.kind !== 'fired' && change?.kind !== 'missed') continue;
        // Both may have told the pager while they could not hear each other.
        if (name === 'pager') person.unsure.add(fingerprint);
      }
      person.hear(name === 'pager' ? this.#ofBoth(notification) : notification);
    } catch (error) {
      this.violations.push(error as Error);
    }
  }

  /** The pager may hear by one that it missed what the other has told it: that is an end, unless it is about an earlier time. */
  #ofBoth(notification: Notification): Notification {
    const { firing } = this.people.pager;
    const alerts = notification.alerts.flatMap((each) => {
      const { fingerprint, startsAt, change } = each;
      if (change?.kind === 'fired') this.#toldStart.set(fingerprint, startsAt);
      const owed = this.#owedEnds.get(fingerprint) ?? new Set<string>();
      this.#owedEnds.set(fingerprint, owed);
      if (change?.kind === 'fired') owed.add(change.id);
      const [oldest] = owed;
      if (change?.kind === 'ended' && oldest !== undefined) {
        owed.delete(oldest);
        // One told it of an earlier time, and the other of a later one: each has an end.
        if (!firing.has(fingerprint)) return [];
      }
      if (change?.kind !== 'missed' || !firing.has(fingerprint)) return [each];
      return this.#toldStart.get(fingerprint) === startsAt
        ? [{ ...each, change: { ...change, kind: 'ended' as const } }]
        : [];
    });
    return { ...notification, alerts };
  }

  /** The agent begins to notify only of what the hub has not confirmed for a minute. */
  #checkTurn(name: Name, { alerts }: Notification): void {
    const { clock, people, violations } = this;
    for (const { fingerprint, level: is, change } of alerts) {
      const isBegin = change?.kind === 'fired' || change?.kind === 'missed';
      const isOwner = this.#begunByAgent.has(fingerprint) || people.mail.unsure.has(fingerprint);
      if (!isBegin || isOwner || people[name].unsure.has(fingerprint)) continue;
      // After a step of the clock and a restart the agent takes the time of the hub for over.
      if (this.#isClockRight && (this.#confirmed.get(fingerprint) ?? 0) >= rank(is))
        violations.push(new Error(`the agent notifies of ${fingerprint}, which the hub has confirmed`));
      const { at = -Infinity } = this.#unconfirmed.get(fingerprint) ?? {};
      if (this.#isClockRight && clock.elapsed() - at < DELIVER_AFTER_MS - SECOND)
        violations.push(new Error(`the agent notifies of ${fingerprint} before the hub had its time`));
    }
  }

  /** The hub begins nothing of which the agent notifies. */
  #checkHub({ alerts }: Notification): void {
    for (const { fingerprint, change } of alerts)
      if (
        change?.kind === 'fired' &&
        this.#deliveredByAgent.has(fingerprint) &&
        !this.people.chat.unsure.has(fingerprint)
      )
        this.violations.push(new Error(`the hub notifies of ${fingerprint}, of which the agent does`));
  }

  get #key(): string {
    return this.disks.hub.collection('handed_in').get('') as string;
  }

  #act(given: Command): void {
    switch (given.do) {
      case 'set':
        this.#set(`alert${given.alert}`, given.level);
        return;
      case 'wait':
        return;
      case 'net':
        this.nets = [...given.nets];
        return;
      case 'cut':
        this.isCut = given.isCut;
        return;
      case 'hub':
        if (given.isUp && !this.isHubUp) {
          this.#doubt('hub');
          this.isHubUp = true;
          this.hub = this.#newHub();
          this.hub.start();
        }
        if (!given.isUp) this.hub.store.isDead = true;
        this.isHubUp = given.isUp;
        return;
      case 'answer':
        this.answers.set(`${given.side} ${RECEIVERS[given.side][given.name] ?? ''}`, [...given.answers]);
        return;
      case 'silence':
        if (given.side === 'agent' || this.isHubUp)
          this[given.side].notifications.addSilence({
            match: { rule: `alert${given.alert}` },
            until: this.clock.now() + given.ms,
            comment: '',
            by: 'ana',
          });
        return;
      case 'ack':
        if (given.side === 'agent' || this.isHubUp) this.#ack(given);
        return;
      case 'resolve':
        if (this.isHubUp) this.#resolve(`alert${given.alert}`);
        return;
      case 'crash':
        this[given.side].store.crashAfter = given.after;
        return;
      case 'clock':
        this.#isClockRight = false;
        this.clock.step(given.ms);
    }
  }

  /** By hand, at the hub. */
  #resolve(fingerprint: string): void {
    const { store, notifications } = this.hub;
    store.transaction(() => {
      notifications.guests.resolve(fingerprint, 'ana', '');
    });
  }

  #ack({ side: of, alert: index, isWithdrawn }: Extract<Command, { do: 'ack' }>): void {
    const fingerprint = `alert${index}`;
    const { notifications } = this[of];
    const alert = notifications.current(fingerprint);
    if (alert === undefined) return;
    const isAcknowledged = notifications.complete(alert).ack !== undefined;
    if (!isWithdrawn) notifications.acknowledge({ fingerprint, by: of, comment: '' });
    else if (isAcknowledged) notifications.withdrawAck(fingerprint, of);
  }

  #set(fingerprint: string, next: AlertLevel | 'ok'): void {
    const before = this.agent.world(fingerprint);
    this.agent.set(fingerprint, next);
    const elapsed = this.clock.elapsed();
    if (before === undefined && next !== 'ok') {
      this.#confirmed.delete(fingerprint);
      this.#deliveredByAgent.delete(fingerprint);
      this.#begunByAgent.delete(fingerprint);
      this.#unconfirmed.set(fingerprint, { level: rank(next), at: elapsed });
    } else if (next !== 'ok' && rank(next) > (this.#unconfirmed.get(fingerprint)?.level ?? 0))
      this.#unconfirmed.set(fingerprint, { level: rank(next), at: elapsed });
  }

  async #revive(): Promise<void> {
    while (this.agent.store.isDead) {
      this.#doubt('agent');
      this.agent = this.#newAgent();
      this.agent.start();
      await settle();
    }
    while (this.isHubUp && this.hub.store.isDead) {
      this.#doubt('hub');
      this.hub = this.#newHub();
      this.hub.start();
      await settle();
    }
  }

  /** Whether what was being sent arrived is unknown. */
  #doubt(of: Side): void {
    for (const [name, attempt] of this.disks[of].collection('attempts').entries())
      for (const { fingerprint } of [...(attempt as Attempt).listed, ...(attempt as Attempt).counted])
        this.people[name as Name].unsure.add(fingerprint);
  }

  async #speak(work: (ask: (message: AlertsMessage) => Promise<AlertsAnswer>) => Promise<void>): Promise<void> {
    const isReachable = this.isHubUp && !this.hub.store.isDead && !this.isCut;
    const session = `${this.generations.hub} ${this.generations.agent}`;
    if (isReachable) this.#signIn();
    if (this.#session === undefined) throw Object.assign(new Error('no way'), { code: 'ETIMEDOUT' });
    await work((message) => this.#ask(message, session));
  }

  async #ask(given: AlertsMessage, session: string): Promise<AlertsAnswer> {
    const sent = alertsMessage.parse(JSON.parse(JSON.stringify(given)));
    const message = this.#mutation.message?.(sent, this.#key) ?? sent;
    const net = this.isCut || !this.isHubUp ? 'refused' : (this.nets.shift() ?? 'ok');
    switch (net) {
      case 'refused':
        throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      case 'lost':
        return this.#timeout();
      case 'answer_lost':
        this.#arrive(message, session, sent);
        return this.#timeout();
      case 'late':
        this.clock.after(30 * SECOND, () => {
          this.#arrive(message, session, sent);
        });
        return this.#timeout();
      case 'twice':
      case 'ok': {
        const answer = this.#arrive(message, session, sent);
        if (net === 'twice') this.#arrive(message, session, sent);
        if (answer === undefined) return this.#timeout();
        // When the agent has read it.
        void settle().then(() => {
          this.#note(message, answer);
        });
        return alertsAnswer.parse(JSON.parse(JSON.stringify(this.#mutation.answer?.(answer) ?? answer)));
      }
    }
  }

  #timeout(): Promise<never> {
    return new Promise((_resolve, reject) => {
      this.clock.after(10 * SECOND, () => {
        reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
      });
    });
  }

  #note({ alerts }: AlertsMessage, { refused }: AlertsAnswer): void {
    for (const { view, status, isDelivered } of alerts) {
      const { fingerprint, level: is, startsAt } = view;
      if (status !== 'firing' || isDelivered || refused.includes(fingerprint)) continue;
      if (this.agent.world(fingerprint)?.startsAt !== startsAt) continue;
      this.#confirmed.set(fingerprint, Math.max(this.#confirmed.get(fingerprint) ?? 0, rank(is)));
    }
  }

  /** @param sent before a mutation */
  #arrive(message: AlertsMessage, session: string, sent: AlertsMessage): AlertsAnswer | undefined {
    const isSession = session === `${this.generations.hub} ${this.generations.agent}`;
    if (!this.isHubUp || this.hub.store.isDead || !isSession) return undefined;
    if (message.seq <= (this.#lastSeq.get(session) ?? -1)) return undefined;
    this.#lastSeq.set(session, message.seq);
    for (const { fingerprint } of sent.alerts.filter(({ isDelivered }) => isDelivered).map(({ view }) => view))
      this.#deliveredByAgent.add(fingerprint);
    try {
      return this.hub.notifications.guests.take(HOST, message);
    } catch (error) {
      if (error instanceof Crash) return undefined;
      throw error;
    }
  }
}
