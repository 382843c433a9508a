/**
 * The promise of alerts, over the real truth, ledger, audience, plan and lane: every receiver that got a firing notification
 * gets exactly one resolved notification, whatever happens in between. `SCHEDULES=100000` runs the long version, `SEED` a
 * known one.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Attempt } from '../../../src/alerts/notify/attempt-record.ts';
import type { Receiver } from '../../../src/alerts/notify/receiver.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import type { AlertStore } from '../../../src/alerts/store/store.ts';
import { PermanentError, RetryableError, TargetError } from '../../../src/plugin/errors.ts';
import type { AlertLevel, AlertView, Notification } from '../../../src/plugin/notification.ts';
import { Crash, Kit, routingOf, settableClock, settle } from './notify-kit.ts';

const NAMES = ['a', 'b'] as const;
const SECOND = 1000;
const MINUTE = 60_000;

/** Routes lead an alert to other receivers by its level, group by it, escalate, or wait. */
const ROUTES = [
  {},
  { route: { group_by: [], group_wait: '0s', group_interval: '10s' } },
  { route: { group_by: ['rule'], routes: [{ match: { level: 'critical' }, notify: ['b'] }] } },
  { route: { notify: ['a'], routes: [{ match: { level: 'critical' }, notify: ['a'] }] } },
  { route: { notify: ['a'], escalate: [{ after: '2m', notify: ['b'] }] } },
  { route: { group_by: ['...'], repeat: '3m' } },
] as const;

/** Which receivers must know of an alert of a level, by route and index. */
function wanted(route: number, level: AlertLevel): readonly string[] {
  if (route === 2) return level === 'critical' ? ['b'] : ['a', 'b'];
  if (route === 3 || route === 4) return ['a'];
  return ['a', 'b'];
}

type Answer = 'ok' | 'refused' | 'one_refused' | 'wrong_target' | 'unreachable' | 'lost_but_arrived' | 'lost' | 'hangs';

type Command =
  | { readonly do: 'set'; readonly alert: number; readonly level: AlertLevel | 'ok' }
  | { readonly do: 'many'; readonly count: number; readonly level: AlertLevel | 'ok' }
  | { readonly do: 'answer'; readonly receiver: 'a' | 'b'; readonly answers: readonly Answer[] }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'clock'; readonly ms: number }
  | { readonly do: 'route'; readonly route: number }
  | { readonly do: 'quiet'; readonly isQuiet: boolean }
  | { readonly do: 'silence'; readonly alert: number; readonly ms: number }
  | { readonly do: 'ack'; readonly alert: number }
  | { readonly do: 'remove'; readonly receiver: 'a' | 'b' }
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
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('set' as const), alert, level }) },
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
    weight: 6,
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
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ack' as const), alert }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), receiver: fc.constantFrom(...NAMES) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), after: fc.integer({ min: 0, max: 4 }) }) },
);

/** What one receiver has accepted, folded by the ids of changes. */
class Person {
  readonly seen = new Map<string, string>();
  readonly firing = new Map<string, AlertLevel>();
  /** Listed in a message, and not only counted. */
  readonly listed = new Set<string>();
  /** The sender does not know whether the last word about these arrived. */
  readonly unsure = new Set<string>();
  answers: Answer[] = [];

  /** @throws if the promise is broken */
  hear(notification: Notification, attempt: Attempt | undefined): void {
    const counted = (attempt?.counted ?? []).map(({ fingerprint, kind, level: at }) => ({
      fingerprint,
      kind,
      id: '',
      level: at,
    }));
    const listed = notification.alerts.map(changeOf);
    for (const { fingerprint, kind, id, level: at } of [...listed, ...counted]) {
      const content = `${fingerprint} ${kind} ${at}`;
      if (id !== '' && this.seen.has(id)) {
        expect(this.seen.get(id)).toBe(content);
        continue;
      }
      this.seen.set(id, content);
      const believed = this.firing.has(fingerprint);
      if (kind === 'ended') {
        if (id === '' && this.listed.has(fingerprint))
          throw new Error(`${notification.receiver} heard of ${fingerprint} by name, but not of its end`);
        this.listed.delete(fingerprint);
        if (!believed && !this.unsure.has(fingerprint))
          throw new Error(`${notification.receiver} hears the end of ${fingerprint}, of which it never heard`);
        this.firing.delete(fingerprint);
      } else if (kind === 'missed') {
        if (believed)
          throw new Error(`${notification.receiver} hears that it missed ${fingerprint}, but it knows of it`);
      } else {
        if (kind === 'fired' && believed && !this.unsure.has(fingerprint))
          throw new Error(`${notification.receiver} hears twice that ${fingerprint} fires`);
        this.firing.set(fingerprint, at);
        if (id !== '') this.listed.add(fingerprint);
      }
      this.unsure.delete(fingerprint);
    }
  }
}

function changeOf({ fingerprint, change, level: at }: AlertView) {
  if (change === undefined) throw new Error('An alert without its change');
  return { fingerprint, kind: change.kind, id: change.id, level: at };
}

function wordsOf(attempt: Attempt | undefined): readonly string[] {
  return [...(attempt?.listed ?? []), ...(attempt?.counted ?? [])].map(({ fingerprint }) => fingerprint);
}

class Schedule {
  readonly clock = settableClock();
  readonly disk: AlertStore = memoryAlertStore();
  readonly people = { a: new Person(), b: new Person() };
  readonly violations: Error[] = [];
  receivers: readonly ('a' | 'b')[] = NAMES;
  route = 0;
  /** Of the process: one that has crashed sends nothing. */
  generation = 0;
  kit: Kit;

  constructor() {
    this.kit = this.newKit();
    this.kit.start();
  }

  newKit(): Kit {
    const { disk: store, clock } = this;
    this.generation += 1;
    return new Kit({ routing: this.routing(), receivers: this.made(), store, clock });
  }

  routing() {
    return routingOf(ROUTES[this.route], NAMES);
  }

  made(): readonly Receiver[] {
    const { generation } = this;
    return this.receivers.map((name) => ({
      name,
      timeout: 10 * SECOND,
      rate: { perSecond: 1000, burst: 1000 },
      notifier: {
        notify: (notification, signal) =>
          generation === this.generation && !this.kit.store.isDead
            ? this.notify(name, notification, signal)
            : new Promise(() => undefined),
      },
    }));
  }

  async notify(name: 'a' | 'b', notification: Notification, signal: AbortSignal): Promise<void> {
    const person = this.people[name];
    const answer = person.answers.shift() ?? 'ok';
    const attempt = this.disk.collection('attempts').get(name) as Attempt | undefined;
    const arrives = () => {
      try {
        person.hear(notification, attempt);
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

  async run(given: Command): Promise<void> {
    try {
      this.act(given);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    await settle();
    await this.revive();
    if (given.do === 'wait') await this.pass(given.ms);
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
        this.people[given.receiver].answers = [...given.answers];
        return;
      case 'wait':
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
          kit.notifications.acknowledge({ fingerprint: `alert${given.alert}`, by: 'ana', comment: '' });
        return;
      case 'remove':
        try {
          this.receivers = NAMES.filter((name) => name !== given.receiver);
          kit.notifications.reload(routingOf({}, this.receivers), this.made());
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
      for (const [name, attempt] of this.disk.collection('attempts').entries())
        for (const fingerprint of wordsOf(attempt as Attempt)) this.people[name as 'a' | 'b'].unsure.add(fingerprint);
      this.kit = this.newKit();
      this.kit.isQuiet = isQuiet;
      this.kit.start();
      await settle();
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
    return world?.isQuiet === false && wanted(this.route, world.level).includes(name);
  }

  /** Everything works again, and nothing changes for a while. */
  async rest(): Promise<void> {
    this.kit.store.crashAfter = Infinity;
    for (const name of NAMES) this.people[name].answers = [];
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

const numRuns = Number(process.env['SCHEDULES'] ?? 2000);

test(`every receiver that heard of an alert hears of its end, once, in ${numRuns} schedules`, async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 3, maxLength: 30 }), async (commands) => {
      const schedule = new Schedule();
      for (const each of commands) await schedule.run(each);
      await schedule.rest();
      if (schedule.violations[0] !== undefined) throw schedule.violations[0];
    }),
    { numRuns, seed, endOnFailure: process.env['SHRINK'] === undefined },
  );
}, 3_600_000);
