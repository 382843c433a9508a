/**
 * An agent with two hubs, which die, come back and cannot be reached at random: one of hubs and agent notifies of an alert, and ends what
 * it has begun. Each has a receiver of its own, so whoever hears of an alert says who has notified. `SEED` repeats known schedules.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { Desk } from '../../../src/alerts/handover/desk.ts';
import type { Receiver } from '../../../src/alerts/notify/receiver.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import { alertsAnswer, alertsMessage, type AlertsAnswer, type AlertsMessage } from '../../../src/api/hub-alerts.ts';
import { Courier } from '../../../src/host/hub/courier.ts';
import { rank, type AlertLevel, type Notification } from '../../../src/plugin/notification.ts';
import { Person } from '../../support/kit/person.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';
import { Kit, routingOf, settableClock, settle } from '../notify/notify-kit.ts';

const HOST = { id: 'host1', name: 'web1', tags: {} };
const SECOND = 1000;
const MINUTE = 60_000;
const DELIVER_AFTER_MS = MINUTE;
const HUBS = ['one', 'two'] as const;
type HubName = (typeof HUBS)[number];
type Party = HubName | 'agent';

/** One hub, and the way to it. */
class HubSide {
  readonly name: HubName;
  readonly disk = memoryAlertStore();
  isUp = true;
  isCut = false;
  /** So many answers are lost, after the message has come. */
  lose = 0;
  generation = 0;
  session: string | undefined;
  kit!: Kit;
  courier!: Courier;

  constructor(name: HubName) {
    this.name = name;
  }

  get isReachable(): boolean {
    return this.isUp && !this.isCut;
  }
}

interface SceneOptions {
  /** The agent has a receiver of its own. */
  readonly hasMail?: boolean;
  /** Also hubs without receivers. */
  readonly silentHubs?: readonly HubName[];
}

class Scene {
  readonly clock = settableClock();
  readonly people: Readonly<Record<Party, Person>> = { one: new Person(), two: new Person(), agent: new Person() };
  readonly hubs: Readonly<Record<HubName, HubSide>> = { one: new HubSide('one'), two: new HubSide('two') };
  readonly violations: Error[] = [];
  readonly #disk = memoryAlertStore();
  readonly #options: SceneOptions;
  /** Alert and when it began → who has begun to notify of it. */
  readonly #begun = new Map<string, Set<Party>>();
  /** Got worse, so that another one may go on with it. */
  readonly #hasRisen = new Set<string>();
  agent!: Kit;
  #generation = 0;
  #seconds = 0;

  constructor(options: SceneOptions = {}) {
    this.#options = { hasMail: true, ...options };
    for (const hub of Object.values(this.hubs)) this.startHub(hub);
    this.startAgent();
  }

  startHub(hub: HubSide): void {
    hub.isUp = true;
    hub.generation += 1;
    hub.session = undefined;
    const isSilent = this.#options.silentHubs?.includes(hub.name) === true;
    hub.kit = this.#kit(hub.disk, isSilent ? [] : [this.#receiver(hub.name)]);
    hub.kit.start();
  }

  stopHub(hub: HubSide): void {
    hub.isUp = false;
    hub.kit.store.isDead = true;
  }

  startAgent(): void {
    this.#generation += 1;
    const generation = this.#generation;
    const isHere = () => generation === this.#generation;
    const desk = new Desk(this.clock);
    for (const [order, name] of HUBS.entries()) {
      const hub = this.hubs[name];
      hub.session = undefined;
      hub.courier = new Courier({
        name,
        order: () => order,
        desk,
        deliverAfterMs: DELIVER_AFTER_MS,
        speak: (work) => (isHere() ? this.#speak(hub, work) : new Promise(() => undefined)),
        clock: this.clock,
        random: () => 0.5,
        log: recordingLog(),
      });
    }
    this.agent = this.#kit(this.#disk, this.#options.hasMail === true ? [this.#receiver('agent')] : [], desk);
    this.agent.start();
  }

  restartAgent(): void {
    this.agent.store.isDead = true;
    this.startAgent();
  }

  set(fingerprint: string, next: AlertLevel | 'ok'): void {
    // So that each beginning has a time of its own.
    this.clock.advance(1);
    const before = this.agent.world(fingerprint);
    if (before !== undefined && next !== 'ok' && rank(next) > rank(before.level))
      this.#hasRisen.add(`${fingerprint} ${before.startsAt}`);
    this.agent.set(fingerprint, next);
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= SECOND) {
      this.clock.advance(Math.min(SECOND, left));
      await settle();
      this.#seconds += 1;
      if (this.#seconds % 5 === 0) for (const hub of Object.values(this.hubs)) this.#beat(hub);
      this.agent.notifications.tick();
      for (const { isUp, kit } of Object.values(this.hubs)) if (isUp) kit.notifications.tick();
      await settle();
    }
  }

  /** Who believes that it fires. */
  knows(fingerprint: string): readonly string[] {
    return Object.entries(this.people)
      .filter(([, person]) => person.firing.has(fingerprint))
      .map(([name]) => name);
  }

  /** Everything works again: the right ones believe the truth. */
  async rest(): Promise<void> {
    for (const hub of Object.values(this.hubs)) {
      hub.isCut = false;
      hub.lose = 0;
      if (!hub.isUp) this.startHub(hub);
    }
    await this.pass(10 * MINUTE);
    const world = new Map(this.agent.firing());
    for (const [name, { firing }] of Object.entries(this.people))
      for (const fingerprint of firing.keys())
        if (!world.has(fingerprint)) throw new Error(`${name} was never told that ${fingerprint} has ended`);
    for (const [fingerprint, { level }] of world) {
      const levels = Object.values(this.people).map(({ firing }) => firing.get(fingerprint));
      if (!levels.includes(level)) throw new Error(`nobody knows that ${fingerprint} is ${level}`);
    }
    if (this.violations[0] !== undefined) throw this.violations[0];
  }

  #kit(store: ReturnType<typeof memoryAlertStore>, receivers: readonly Receiver[], desk?: Desk): Kit {
    const routing = routingOf({ route: { group_by: ['rule'], group_wait: '2s', group_interval: '2s' } }, [
      ...receivers,
    ]);
    return new Kit({ routing, receivers, store, clock: this.clock, ...(desk && { desk }) });
  }

  #receiver(party: Party): Receiver {
    const of = party === 'agent' ? undefined : this.hubs[party];
    const generation = of?.generation ?? this.#generation;
    const isAlive = () => generation === (of?.generation ?? this.#generation) && of?.isUp !== false;
    return {
      name: party,
      address: { kind: 'fake', target: party },
      timeout: 10 * SECOND,
      rate: { perSecond: 1000, burst: 1000 },
      most: 100,
      notifier: {
        notify: (notification) => {
          if (!isAlive()) return new Promise(() => undefined);
          this.#hear(party, notification);
          return Promise.resolve();
        },
      },
    };
  }

  #hear(party: Party, notification: Notification): void {
    try {
      for (const { fingerprint, change, startsAt } of notification.alerts) {
        if (change?.kind !== 'fired' && change?.kind !== 'missed') continue;
        const time = `${fingerprint} ${startsAt}`;
        const begun = this.#begun.get(time) ?? new Set();
        this.#begun.set(time, begun.add(party));
        if (begun.size > 1 && !this.#hasRisen.has(time) && !this.#isDoubtful)
          throw new Error(`${[...begun].join(' and ')} notify of ${fingerprint}`);
      }
      this.people[party].hear(notification);
    } catch (error) {
      this.violations.push(error as Error);
    }
  }

  /** An answer was lost, so that two may have notified. */
  #isDoubtful = false;

  #beat(hub: HubSide): void {
    if (!hub.isReachable) {
      hub.courier.failed(refused());
      return;
    }
    this.#signIn(hub);
    hub.courier.heard(hub.kit.notifications.guests.version(HOST));
  }

  #signIn(hub: HubSide): void {
    const session = `${hub.generation} ${this.#generation}`;
    if (hub.session === session) return;
    hub.session = session;
    hub.courier.began(`host-at-${hub.name}`, `${hub.name}:8400`);
  }

  async #speak(
    hub: HubSide,
    work: (ask: (message: AlertsMessage) => Promise<AlertsAnswer>) => Promise<void>,
  ): Promise<void> {
    if (!hub.isReachable) throw refused();
    this.#signIn(hub);
    await work(async (given) => {
      await Promise.resolve();
      if (!hub.isReachable) throw refused();
      const message = alertsMessage.parse(JSON.parse(JSON.stringify(given)));
      const answer = hub.kit.notifications.guests.take(HOST, message);
      if (hub.lose > 0) {
        hub.lose -= 1;
        this.#isDoubtful = true;
        throw refused();
      }
      return alertsAnswer.parse(JSON.parse(JSON.stringify(answer)));
    });
  }
}

function refused(): Error {
  return Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' });
}

describe('an agent with two hubs', () => {
  test('the first one notifies, the second one shows who does', async () => {
    const scene = new Scene();
    await scene.pass(6 * SECOND);
    scene.set('a', 'critical');
    await scene.pass(10 * SECOND);
    expect(scene.knows('a')).toEqual(['one']);
    const { notifications } = scene.hubs.two.kit;
    expect(notifications.suppressions(notifications.current('a')!)).toEqual(['the hub one:8400 notifies']);
    const here = scene.agent.notifications;
    expect(here.suppressions(here.current('a')!)).toEqual(['the hub one:8400 notifies']);
    scene.set('a', 'ok');
    await scene.pass(10 * SECOND);
    expect(scene.knows('a')).toEqual([]);
    expect(notifications.current('a')).toBeUndefined();
    await scene.rest();
  });

  test('the second one notifies at once of what begins while the first is known not to answer, until it ends', async () => {
    const scene = new Scene();
    const { one } = scene.hubs;
    await scene.pass(6 * SECOND);
    scene.stopHub(one);
    await scene.pass(10 * SECOND);
    scene.set('a', 'critical');
    await scene.pass(10 * SECOND);
    expect(scene.knows('a')).toEqual(['two']);
    scene.startHub(one);
    await scene.pass(2 * MINUTE);
    const { notifications } = one.kit;
    expect(notifications.suppressions(notifications.current('a')!)).toEqual(['the hub two:8400 notifies']);
    expect(scene.knows('a')).toEqual(['two']);
    scene.set('a', 'ok');
    await scene.rest();
    expect(scene.knows('a')).toEqual([]);
  });

  test('what the first one has not confirmed in its time goes to the second, and not to receivers of the agent', async () => {
    const scene = new Scene();
    const { one } = scene.hubs;
    await scene.pass(6 * SECOND);
    scene.stopHub(one);
    // Before a heartbeat has failed.
    scene.set('a', 'critical');
    await scene.pass(DELIVER_AFTER_MS - 5 * SECOND);
    expect(scene.knows('a')).toEqual([]);
    await scene.pass(15 * SECOND);
    expect(scene.knows('a')).toEqual(['two']);
    await scene.rest();
  });

  test('the agent notifies after the time of one hub, when none answers', async () => {
    const scene = new Scene();
    await scene.pass(6 * SECOND);
    for (const hub of Object.values(scene.hubs)) hub.isCut = true;
    await scene.pass(10 * SECOND);
    scene.set('a', 'critical');
    await scene.pass(DELIVER_AFTER_MS - SECOND);
    expect(scene.knows('a')).toEqual([]);
    await scene.pass(10 * SECOND);
    expect(scene.knows('a')).toEqual(['agent']);
    for (const hub of Object.values(scene.hubs)) hub.isCut = false;
    await scene.pass(MINUTE);
    expect(scene.knows('a')).toEqual(['agent']);
    scene.set('a', 'ok');
    await scene.rest();
  });

  test('a hub without receivers is passed over', async () => {
    const scene = new Scene({ silentHubs: ['one'] });
    await scene.pass(6 * SECOND);
    scene.set('a', 'critical');
    await scene.pass(10 * SECOND);
    expect(scene.knows('a')).toEqual(['two']);
    await scene.rest();
  });

  test('a silence and an acknowledgement of one hub hold at the other', async () => {
    const scene = new Scene();
    const { one, two } = scene.hubs;
    await scene.pass(6 * SECOND);
    const until = scene.clock.now() + MINUTE * 30;
    two.kit.notifications.addSilence({ match: { rule: 'a' }, until, comment: '', by: 'ana' });
    await scene.pass(10 * SECOND);
    scene.set('a', 'critical');
    scene.set('b', 'critical');
    await scene.pass(10 * SECOND);
    expect([scene.knows('a'), scene.knows('b')]).toEqual([[], ['one']]);
    const ackBy = (kit: Kit) => kit.notifications.complete(kit.notifications.current('b')!).ack?.by;
    two.kit.notifications.acknowledge({ fingerprint: 'b', by: 'ben', comment: '' });
    await scene.pass(20 * SECOND);
    expect([one.kit, two.kit, scene.agent].map(ackBy)).toEqual(['ben', 'ben', 'ben']);
    // Both at once: they agree, and stay so.
    scene.set('c', 'critical');
    await scene.pass(10 * SECOND);
    one.kit.notifications.acknowledge({ fingerprint: 'c', by: 'at one', comment: '' });
    two.kit.notifications.acknowledge({ fingerprint: 'c', by: 'at two', comment: '' });
    const ofC = (kit: Kit) => kit.notifications.complete(kit.notifications.current('c')!).ack?.by;
    await scene.pass(MINUTE);
    const agreed = [one.kit, two.kit, scene.agent].map(ofC);
    expect(new Set(agreed).size).toBe(1);
    await scene.pass(MINUTE);
    expect([one.kit, two.kit, scene.agent].map(ofC)).toEqual(agreed);
  });
});

type Command =
  | { readonly do: 'set'; readonly alert: number; readonly level: AlertLevel | 'ok' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'up' | 'cut'; readonly hub: HubName; readonly is: boolean }
  | { readonly do: 'lose'; readonly hub: HubName; readonly count: number }
  | { readonly do: 'restart' };

const hub = fc.constantFrom(...HUBS);
const clean: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      alert: fc.integer({ min: 0, max: 1 }),
      level: fc.constantFrom<AlertLevel | 'ok'>('warning', 'critical', 'ok'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1000, 7000, 30_000, 70_000, 150_000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('up' as const, 'cut' as const), hub, is: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);
const lossy: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: clean },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('lose' as const), hub, count: fc.integer({ min: 1, max: 20 }) }),
  },
);

async function run(scene: Scene, command: Command): Promise<void> {
  switch (command.do) {
    case 'set':
      scene.set(`alert${command.alert}`, command.level);
      break;
    case 'wait':
      await scene.pass(command.ms);
      break;
    case 'up': {
      const side = scene.hubs[command.hub];
      if (command.is && !side.isUp) scene.startHub(side);
      else if (!command.is && side.isUp) scene.stopHub(side);
      break;
    }
    case 'cut':
      scene.hubs[command.hub].isCut = command.is;
      break;
    case 'lose':
      scene.hubs[command.hub].lose = command.count;
      break;
    case 'restart':
      scene.restartAgent();
  }
  await settle();
}

async function check(commands: fc.Arbitrary<Command>, hasMail: boolean, runs: number): Promise<void> {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  process.stdout.write(`Schedules of two hubs: SEED=${seed}\n`);
  await fc.assert(
    fc.asyncProperty(fc.array(commands, { minLength: 3, maxLength: 20 }), async (list) => {
      const scene = new Scene({ hasMail });
      for (const each of list) await run(scene, each);
      await scene.rest();
    }),
    { numRuns: runs, seed, endOnFailure: process.env['SHRINK'] === undefined },
  );
}

const RUNS = Number(process.env['SCHEDULES'] ?? 100);

test.each([
  ['and a receiver of the agent', true],
  ['and none at the agent', false],
])(
  `one notifies, and ends it, in ${RUNS} schedules of two hubs %s`,
  async (_, hasMail) => {
    await check(clean, hasMail, RUNS);
  },
  3_600_000,
);

test(`whoever has begun ends it, in ${RUNS} schedules in which answers are lost`, async () => {
  await check(lossy, true, RUNS);
}, 3_600_000);
