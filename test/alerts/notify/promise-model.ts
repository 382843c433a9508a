/**
 * A model of what happens to alerts: commands, people who fold what they were sent, and what they must believe at rest. The
 * parts under test are real: truth, ledger, audience, plan and lane.
 */
import fc from 'fast-check';

import type { Attempt } from '../../../src/alerts/notify/attempt-record.ts';
import type { Receiver } from '../../../src/alerts/notify/receiver.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import type { AlertStore } from '../../../src/alerts/store/store.ts';
import { PermanentError, RetryableError, TargetError } from '../../../src/plugin/errors.ts';
import type { AlertLevel, Notification } from '../../../src/plugin/notification.ts';
import { Person } from '../../support/kit/person.ts';

import { Crash, Kit, routingOf, settableClock, settle } from './notify-kit.ts';

const NAMES = ['a', 'b'] as const;
const SECOND = 1000;
const MINUTE = 60_000;

interface Routes {
  readonly config: unknown;
  /** Which receivers must know of an alert; all by default. */
  readonly wanted?: (fingerprint: string, level: AlertLevel, situation: Situation) => readonly string[];
}

interface Situation {
  /** Of the day, in UTC. */
  readonly minute: number;
  readonly isCritical: (fingerprint: string) => boolean;
}

/** Routes lead an alert to other receivers by its level, group by it, escalate, wait, or mute by time and by other alerts. */
const ROUTES: readonly Routes[] = [
  { config: {} },
  { config: { route: { group_by: [], group_wait: '0s', group_interval: '10s' } } },
  {
    config: { route: { group_by: ['rule'], routes: [{ match: { level: 'critical' }, notify: ['b'] }] } },
    wanted: (_, level) => (level === 'critical' ? ['b'] : NAMES),
  },
  {
    config: { route: { notify: ['a'], routes: [{ match: { level: 'critical' }, notify: ['a'] }] } },
    wanted: () => ['a'],
  },
  { config: { route: { notify: ['a'], escalate: [{ after: '2m', notify: ['b'] }] } }, wanted: () => ['a'] },
  { config: { route: { group_by: ['...'], repeat: '3m' } } },
  {
    config: {
      time_windows: { noon: { times: ['11:50-12:10'] } },
      route: { group_by: ['host'], routes: [{ match: { level: 'warning' }, mute: ['noon'] }] },
    },
    wanted: (_, level, { minute }) => (level === 'warning' && minute >= 710 && minute < 730 ? [] : NAMES),
  },
  {
    config: {
      time_windows: { noon: { times: ['11:50-12:10'] } },
      route: { routes: [{ match: { level: 'warning' }, active: ['noon'], notify: ['b'] }] },
    },
    wanted: (_, level, { minute }) => (level === 'warning' && minute >= 710 && minute < 730 ? ['b'] : NAMES),
  },
  {
    config: { inhibit: [{ when: { rule: 'alert0', level: 'critical' }, mute: { rule: 'alert1' } }] },
    wanted: (fingerprint, _, { isCritical }) => (fingerprint === 'alert1' && isCritical('alert0') ? [] : NAMES),
  },
];

type Answer = 'ok' | 'refused' | 'one_refused' | 'wrong_target' | 'unreachable' | 'lost_but_arrived' | 'lost' | 'hangs';

type Command =
  | { readonly do: 'set'; readonly alert: number; readonly level: AlertLevel | 'ok' }
  | { readonly do: 'bounce'; readonly alert: number }
  | { readonly do: 'many'; readonly count: number; readonly level: AlertLevel | 'ok' }
  | { readonly do: 'answer'; readonly receiver: 'a' | 'b'; readonly answers: readonly Answer[] }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'clock'; readonly ms: number }
  | { readonly do: 'route'; readonly route: number }
  | { readonly do: 'quiet'; readonly isQuiet: boolean }
  | { readonly do: 'silence'; readonly alert: number; readonly ms: number }
  | { readonly do: 'ack'; readonly alert: number; readonly ms: number }
  | { readonly do: 'flap'; readonly alert: number; readonly isFlapping: boolean }
  | { readonly do: 'remove'; readonly receiver: 'a' | 'b' }
  | { readonly do: 'rename'; readonly receiver: 'a' | 'b'; readonly suffix: string }
  | { readonly do: 'rotate'; readonly receiver: 'a' | 'b' }
  | { readonly do: 'restart' }
  | { readonly do: 'crash'; readonly after: number };

const ANSWERS: readonly Answer[] = [
  'ok',
  'refused',
  'one_refused',
  'wrong_target',
  'unreachable',
  'lost_but_arrived',
  'lost',
  'hangs',
];

const alert = fc.integer({ min: 0, max: 2 });
const level = fc.constantFrom<AlertLevel | 'ok'>('warning', 'critical', 'warning', 'critical', 'ok', 'ok');
export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ do: fc.constant('set' as const), alert, level }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bounce' as const), alert }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('many' as const), count: fc.integer({ min: 5, max: 40 }), level }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      receiver: fc.constantFrom(...NAMES),
      answers: fc.array(fc.constantFrom(...ANSWERS), { maxLength: 4 }),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(500, 5000, 16_000, 61_000, 200_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('clock' as const), ms: fc.constantFrom(7_200_000, -7_200_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('route' as const), route: fc.integer({ min: 0, max: ROUTES.length - 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('quiet' as const), isQuiet: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('silence' as const), alert, ms: fc.constantFrom(20_000, 120_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('ack' as const), alert, ms: fc.constantFrom(Infinity, 30_000, 400_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flap' as const), alert, isFlapping: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), receiver: fc.constantFrom(...NAMES) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('rename' as const),
      receiver: fc.constantFrom(...NAMES),
      suffix: fc.constantFrom('', '2', '3'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('rotate' as const), receiver: fc.constantFrom(...NAMES) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), after: fc.integer({ min: 0, max: 4 }) }) },
);

function wordsOf(attempt: Attempt | undefined): readonly string[] {
  return [...(attempt?.listed ?? []), ...(attempt?.counted ?? [])].map(({ fingerprint }) => fingerprint);
}

/** What does not change in a schedule. */
export interface Setting {
  /** The receiver b takes one alert per message. */
  readonly isEach: boolean;
  /** There is a third notifier, at the address of a. */
  readonly hasTwin: boolean;
}

export const setting: fc.Arbitrary<Setting> = fc.record({ isEach: fc.boolean(), hasTwin: fc.boolean() });

export class Schedule {
  readonly clock = settableClock();
  readonly disk: AlertStore = memoryAlertStore();
  readonly people = { a: new Person(), b: new Person() };
  readonly answers: Record<'a' | 'b', Answer[]> = { a: [], b: [] };
  readonly violations: Error[] = [];
  readonly setting: Setting;
  receivers: readonly ('a' | 'b')[] = NAMES;
  /** Of the name in the configuration: the notifier may be renamed. */
  readonly suffixes = { a: '', b: '' };
  /** Of the secret in the address. */
  readonly secrets = { a: 0, b: 0 };
  route = 0;
  /** Of the process: one that has crashed sends nothing. */
  generation = 0;
  kit: Kit;

  constructor(given: Setting) {
    this.setting = given;
    this.kit = this.newKit();
    this.kit.start();
  }

  newKit(): Kit {
    const { disk: store, clock } = this;
    this.generation += 1;
    return new Kit({ routing: this.routing(), receivers: this.made(), store, clock });
  }

  routing() {
    const json = JSON.stringify(ROUTES[this.route]?.config ?? {});
    const renamed = json.replace(/"notify":\["([ab])"\]/g, (_, name: 'a' | 'b') => `"notify":["${this.nameOf(name)}"]`);
    return routingOf(JSON.parse(renamed), this.made());
  }

  nameOf(name: 'a' | 'b'): string {
    return name + this.suffixes[name];
  }

  made(): readonly Receiver[] {
    const made = this.receivers.map((name) => this.receiver(name, this.nameOf(name)));
    return this.setting.hasTwin && this.receivers.includes('a') ? [...made, this.receiver('a', 'twin')] : made;
  }

  receiver(person: 'a' | 'b', name: string): Receiver {
    const { generation } = this;
    return {
      name,
      address: { kind: 'fake', target: `${person} ${this.secrets[person]}` },
      timeout: 10 * SECOND,
      rate: { perSecond: 1000, burst: 1000 },
      each: person === 'b' && this.setting.isEach,
      notifier: {
        notify: (notification, signal) =>
          generation === this.generation && !this.kit.store.isDead
            ? this.notify(person, notification, signal)
            : new Promise(() => undefined),
      },
    };
  }

  async notify(name: 'a' | 'b', notification: Notification, signal: AbortSignal): Promise<void> {
    const person = this.people[name];
    const answer = this.answers[name].shift() ?? 'ok';
    const attempt = this.disk.collection('attempts').get(this.lane(name)) as Attempt | undefined;
    const arrives = () => {
      try {
        person.hear(notification, attempt?.counted);
      } catch (error) {
        this.violations.push(error as Error);
      }
    };
    if (answer === 'lost' || answer === 'lost_but_arrived' || answer === 'hangs')
      for (const fingerprint of wordsOf(attempt)) person.unsure.add(fingerprint);
    switch (answer) {
      case 'ok':
        arrives();
        return;
      case 'refused':
        throw new PermanentError('400');
      case 'one_refused':
        if (notification.alerts.some(({ fingerprint }) => fingerprint === 'alert0')) throw new PermanentError('400');
        arrives();
        return;
      case 'wrong_target':
        throw new TargetError('404');
      case 'unreachable':
        throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' });
      case 'lost_but_arrived':
        arrives();
        for (const fingerprint of wordsOf(attempt)) person.unsure.add(fingerprint);
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      case 'lost':
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      case 'hangs':
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new RetryableError('aborted'));
          });
        });
    }
  }

  /** Under which name the attempts of a receiver are stored. */
  lane(name: 'a' | 'b'): string {
    return this.nameOf(name);
  }

  async run(given: Command): Promise<void> {
    try {
      this.act(given);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    await settle();
    await this.revive();
    if (given.do === 'wait') await this.pass(given.ms);
    if (given.do === 'bounce') await this.bounce(given.alert);
  }

  /** The same level twice in one episode, each time notified. */
  async bounce(alert: number): Promise<void> {
    for (const each of ['warning', 'critical', 'warning', 'critical'] as const) {
      await this.run({ do: 'set', alert, level: each });
      await this.pass(3 * MINUTE);
    }
  }

  act(given: Command): void {
    const { kit } = this;
    switch (given.do) {
      case 'set':
        kit.set(`alert${given.alert}`, given.level);
        return;
      case 'many':
        for (let index = 10; index < 10 + given.count; index += 1) kit.set(`alert${index}`, given.level);
        return;
      case 'answer':
        this.answers[given.receiver] = [...given.answers];
        return;
      case 'wait':
      case 'bounce':
        return;
      case 'clock':
        this.clock.step(given.ms);
        return;
      case 'route':
        this.route = given.route;
        kit.notifications.reload(this.routing(), this.made());
        return;
      case 'quiet':
        kit.isQuiet = given.isQuiet;
        return;
      case 'silence':
        kit.notifications.addSilence({
          match: { rule: `alert${given.alert}` },
          until: this.clock.now() + given.ms,
          comment: '',
          by: 'ana',
        });
        return;
      case 'ack':
        if (kit.world(`alert${given.alert}`) !== undefined)
          kit.notifications.acknowledge({
            fingerprint: `alert${given.alert}`,
            by: 'ana',
            comment: '',
            ...(given.ms === Infinity ? {} : { until: this.clock.now() + given.ms }),
          });
        return;
      case 'flap':
        kit.flap(`alert${given.alert}`, given.isFlapping);
        return;
      case 'rename':
        this.suffixes[given.receiver] = given.suffix;
        kit.notifications.reload(this.routing(), this.made());
        return;
      case 'rotate':
        this.secrets[given.receiver] += 1;
        kit.notifications.reload(this.routing(), this.made());
        return;
      case 'remove':
        try {
          this.receivers = NAMES.filter((name) => name !== given.receiver);
          kit.notifications.reload(routingOf({}, this.made()), this.made());
        } finally {
          this.receivers = NAMES;
        }
        kit.notifications.reload(this.routing(), this.made());
        return;
      case 'restart':
        kit.store.isDead = true;
        return;
      case 'crash':
        kit.store.crashAfter = given.after;
    }
  }

  /** A process that has crashed is started again. */
  async revive(): Promise<void> {
    while (this.kit.store.isDead) {
      const { isQuiet } = this.kit;
      this.doubt();
      this.kit = this.newKit();
      this.kit.isQuiet = isQuiet;
      this.kit.start();
      await settle();
    }
  }

  /** Whether what was being sent arrived is unknown. */
  doubt(): void {
    for (const [name, attempt] of this.disk.collection('attempts').entries()) {
      const person = name.startsWith('b') ? 'b' : 'a';
      for (const fingerprint of wordsOf(attempt as Attempt)) this.people[person].unsure.add(fingerprint);
    }
  }

  async pass(ms: number): Promise<void> {
    const step = ms > MINUTE ? 15 * SECOND : SECOND;
    for (let left = ms; left > 0; left -= step) {
      this.clock.advance(Math.min(step, left));
      await settle();
      try {
        this.kit.notifications.tick();
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
      await settle();
      await this.revive();
    }
  }

  isWanted(name: 'a' | 'b', fingerprint: string): boolean {
    const world = this.kit.world(fingerprint);
    if (world === undefined || world.isQuiet) return false;
    const wanted = ROUTES[this.route]?.wanted?.(fingerprint, world.level, {
      minute: Math.floor((this.clock.now() % (24 * 60 * MINUTE)) / MINUTE),
      isCritical: (other) => this.kit.world(other)?.level === 'critical',
    });
    return wanted?.includes(name) ?? true;
  }

  /** Everything works again, and nothing changes for a while. */
  async rest(): Promise<void> {
    this.kit.store.crashAfter = Infinity;
    for (const name of NAMES) this.answers[name] = [];
    for (const [fingerprint] of this.kit.firing()) this.kit.flap(fingerprint, false);
    await this.pass(35 * MINUTE);
    for (const name of NAMES) {
      const { firing } = this.people[name];
      const world = new Map(this.kit.firing());
      for (const fingerprint of firing.keys())
        if (!world.has(fingerprint)) throw new Error(`${name} was never told that ${fingerprint} has ended`);
      for (const fingerprint of world.keys())
        if (this.isWanted(name, fingerprint) && !firing.has(fingerprint))
          throw new Error(`${name} was never told that ${fingerprint} fires`);
      for (const [fingerprint, believed] of firing)
        if (this.isWanted(name, fingerprint) && world.get(fingerprint)?.level !== believed)
          throw new Error(`${name} believes that ${fingerprint} is ${believed}`);
    }
  }
}
