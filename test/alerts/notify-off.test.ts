import { expect, test } from '@jest/globals';

import { Alerts } from '../../src/alerts/alerts.ts';
import type { Receiver } from '../../src/alerts/notify/receiver.ts';
import { memoryAlertStore } from '../../src/alerts/store/memory-store.ts';
import { checkConfig } from '../../src/config/load.ts';
import { nanoseconds } from '../../src/core/clock.ts';
import { internTags } from '../../src/metric/series.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';
import { manualClock, silentLog } from '../../src/testing.ts';
import { settle } from '../support/kit/settle.ts';

const HOUR = 3_600_000;

async function settingsWith(notify: boolean) {
  const rule = { id: 'load', metric: 'system.load1', above: { warning: 5 }, notify };
  const file = {
    notifiers: { ops: { webhook: { url: 'http://x.test/' } } },
    alerts: { defaults: 'off', rules: [rule], route: { group_wait: '0s', repeat: '1h' } },
  };
  return (await checkConfig(file, { cwd: '/', environment: {}, registry: builtInPlugins })).alerts;
}

async function started(notify: boolean) {
  const clock = manualClock(1_700_000_000_000);
  const sent: string[] = [];
  const ops: Receiver = {
    name: 'ops',
    notifier: {
      notify: ({ status, reason }) => {
        sent.push(`${status} ${reason}`);
        return Promise.resolve();
      },
    },
    address: { kind: 'webhook', target: 'x' },
    timeout: 1000,
    rate: { perSecond: 100, burst: 100 },
  };
  const origin = { host: 'a', inputs: [] };
  const alerts = new Alerts({
    settings: await settingsWith(notify),
    origin,
    receivers: [ops],
    store: memoryAlertStore(),
    onWaiting: () => undefined,
    capture: { wants: () => false, observe: () => undefined, prepare: () => undefined, take: () => [] },
    clock,
    random: () => 0,
    log: silentLog,
  });
  alerts.start();
  /** Passes with a sample each minute. @returns what was sent */
  const pass = async (ms: number, load1: number) => {
    for (let passed = 0; passed < ms; passed += 60_000) {
      clock.advance(60_000);
      alerts.observe({
        name: 'system',
        tags: internTags({ host: 'a' }),
        fields: { load1 },
        time: nanoseconds(clock.now()),
      });
      alerts.tick();
      await settle();
    }
    return sent.splice(0);
  };
  const reload = async (next: boolean) => {
    alerts.reload(await settingsWith(next), [ops], origin);
  };
  return { pass, reload, alerts, clock };
}

test('F-004: an alert whose rule stops notifying while it fires gets no reminder, and its end is sent', async () => {
  const { pass, reload } = await started(true);
  expect(await pass(HOUR / 2, 9)).toEqual(['firing first']);
  await reload(false);
  expect(await pass(5 * HOUR, 9)).toEqual([]);
  expect(await pass(HOUR / 2, 1)).toEqual(['resolved all_resolved']);
  expect(await pass(HOUR / 2, 9)).toEqual([]);
});

test('an alert whose rule begins to notify while it fires is sent at once', async () => {
  const { pass, reload } = await started(false);
  expect(await pass(HOUR / 2, 9)).toEqual([]);
  await reload(true);
  expect(await pass(60_000, 9)).toEqual([expect.stringContaining('firing')]);
});

test('an alert that is listed says that it is silenced, and who acknowledged it', async () => {
  const { pass, alerts, clock } = await started(true);
  await pass(2 * 60_000, 9);
  const listed = () => alerts.alerts()[0]!.alert;
  expect(listed()).toMatchObject({ silenced: false, ack: undefined });
  alerts.silence({ match: { rule: 'load' }, until: clock.now() + HOUR, comment: '', by: 'ana' });
  alerts.acknowledge({ fingerprint: listed().fingerprint, by: 'ben', comment: '' });
  expect(listed()).toMatchObject({ silenced: true, ack: { by: 'ben' } });
  clock.advance(HOUR);
  expect(listed()).toMatchObject({ silenced: false, ack: { by: 'ben' } });
});
