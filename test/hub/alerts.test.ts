/** Acceptance cases of hosts and their alerts: the hub, its stock rules and its receivers on one clock. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { Alerts } from '../../src/alerts/alerts.ts';
import type { Receiver } from '../../src/alerts/notify/receiver.ts';
import { memoryAlertStore } from '../../src/alerts/store/memory-store.ts';
import type { AlertStore } from '../../src/alerts/store/store.ts';
import { checkConfig } from '../../src/config/load.ts';
import { internTags } from '../../src/metric/series.ts';
import type { Notification } from '../../src/plugin/notification.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';
import { silentLog } from '../../src/testing.ts';
import { settle } from '../support/kit/settle.ts';

import { HubScene, type Member } from './hub-kit.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

let scene: HubScene;
let alerts: Alerts;
let store: AlertStore;
/** As `chat firing a`. */
let notified: string[];

beforeEach(async () => {
  scene = await HubScene.open();
  store = memoryAlertStore();
  notified = [];
});
afterEach(() => scene.close());

function receiver(name: string): Receiver {
  const notify = ({ alerts: all }: Notification) => {
    for (const { status, host } of all) notified.push(`${name} ${status} ${host}`);
    return Promise.resolve();
  };
  const rate = { perSecond: 1000, burst: 1000 };
  return { name, address: { kind: 'fake', target: name }, timeout: 10 * SECOND, rate, notifier: { notify } };
}

/** @param route without `group_by` @param rule of host_down */
async function startAlerts(route: object, names: readonly string[] = ['chat'], rule: object = {}): Promise<void> {
  const notifiers = Object.fromEntries(names.map((name) => [name, { webhook: { url: 'http://localhost/' } }]));
  const rules = Object.keys(rule).length === 0 ? [] : [{ override: 'host_down', ...rule }];
  const common = { group_by: ['...'], group_wait: '0s', group_interval: '1s' };
  const file = { hub: {}, notifiers, alerts: { startup_grace: '0s', rules, route: { ...common, ...route } } };
  const config = await checkConfig(file, { cwd: '/', environment: {}, registry: builtInPlugins });
  alerts = new Alerts({
    settings: config.alerts,
    receivers: names.map(receiver),
    store,
    onWaiting: () => undefined,
    capture: { wants: () => false, observe: () => undefined, prepare: () => undefined, take: () => [] },
    clock: scene.clock,
    random: () => 0,
    log: silentLog,
  });
  alerts.start();
}

/** What the input `fleet` reports. */
function report(): void {
  const time = BigInt(scene.clock.now()) * 1_000_000n;
  for (const { name, tags, fields } of scene.part.events.snapshot())
    alerts.observe({ name, tags: internTags(tags), fields, time }, 'fleet');
}

/** Time in which these hosts are heard; the hub reports each second. */
async function pass(ms: number, ...heard: readonly Member[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += SECOND) {
    if (passed % (5 * SECOND) === 0) for (const member of heard) member.beat();
    await scene.pass(SECOND);
    report();
    alerts.tick();
    await settle();
  }
}

test('AL-041: state that is restored twice starts each timer once', async () => {
  const route = { notify: ['chat'] };
  await startAlerts(route, ['chat'], { for: '1m' });
  const there = scene.host('there');
  scene.host('gone');
  await pass(60 * SECOND, there);
  expect(alerts.alerts().map(({ state, alert }) => [state, alert.host])).toEqual([['pending', 'gone']]);
  for (let round = 0; round < 2; round += 1) {
    await scene.reload();
    await startAlerts(route, ['chat'], { for: '1m' });
  }
  await pass(5 * MINUTE, there);
  expect(notified).toEqual(['chat firing gone']);
  expect(scene.events('gone')).toEqual(['joined', 'down']);
});

test('AL-044: however often a host is reported down, it is one pending alert and one notification', async () => {
  await startAlerts({ notify: ['chat'] }, ['chat'], { for: '1m' });
  const there = scene.host('there');
  scene.host('gone');
  await pass(60 * SECOND, there);
  for (let index = 0; index < 100; index += 1) report();
  expect(alerts.alerts().map(({ state, alert }) => [state, alert.rule])).toEqual([['pending', 'host_down']]);
  await pass(2 * MINUTE, there);
  for (let index = 0; index < 100; index += 1) report();
  await pass(2 * MINUTE, there);
  expect(notified).toEqual(['chat firing gone']);
});

test('AL-046: of two receivers with delays of one and two minutes, only the first hears of a host that is back after 90 s', async () => {
  await startAlerts({ notify: ['first'], group_wait: '1m', escalate: [{ after: '1m', notify: ['second'] }] }, [
    'first',
    'second',
  ]);
  const [there, gone] = [scene.host('there'), scene.host('gone')];
  await pass(46 * SECOND, there);
  expect(alerts.alerts().map(({ state }) => state)).toEqual(['firing']);
  await pass(90 * SECOND, there);
  expect(notified).toEqual(['first firing gone']);
  gone.restart();
  await pass(10 * MINUTE, there, gone);
  expect(notified).toEqual(['first firing gone', 'first resolved gone']);
});

test('AL-047: maintenance of one host cancels what is pending for it, and concerns no other host', async () => {
  await startAlerts({ notify: ['chat'] }, ['chat'], { for: '1m' });
  const [there, a, b] = [scene.host('there'), scene.host('a'), scene.host('b')];
  await pass(60 * SECOND, there);
  expect(alerts.alerts().map(({ state }) => state)).toEqual(['pending', 'pending']);
  const until = scene.clock.now() + 60 * MINUTE;
  alerts.silence({ match: { host: 'a' }, until, comment: 'new disks', by: 'test' });
  await pass(10 * MINUTE, there);
  expect(notified).toEqual(['chat firing b']);
  a.restart();
  b.restart();
  await pass(10 * MINUTE, there, a, b);
  await pass(60 * MINUTE, there, a, b);
  expect(notified).toEqual(['chat firing b', 'chat resolved b']);
});
