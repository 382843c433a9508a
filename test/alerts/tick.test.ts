import { expect, test } from '@jest/globals';

import { Alerts } from '../../src/alerts/alerts.ts';
import { memoryAlertStore } from '../../src/alerts/store/memory-store.ts';
import { checkConfig } from '../../src/config/load.ts';
import { internTags } from '../../src/metric/series.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';
import { manualClock, silentLog } from '../../src/testing.ts';

async function alertsWith(rule: object) {
  const clock = manualClock(1_700_000_000_000);
  const file = { alerts: { defaults: 'off', rules: [{ id: 'load', metric: 'system.load1', ...rule }] } };
  const config = await checkConfig(file, { cwd: '/', environment: {}, registry: builtInPlugins });
  let waits = 0;
  const alerts = new Alerts({
    settings: config.alerts,
    receivers: [],
    store: memoryAlertStore(),
    onWaiting: () => (waits += 1),
    capture: { wants: () => false, observe: () => undefined, prepare: () => undefined, take: () => [] },
    clock,
    random: () => 0,
    log: silentLog,
  });
  alerts.start();
  const load = (load1: number) => {
    const time = BigInt(clock.now()) * 1_000_000n;
    alerts.observe({ name: 'system', tags: internTags({ host: 'a' }), fields: { load1 }, time });
  };
  const pass = (ms: number) => {
    clock.advance(ms);
    return alerts.tick();
  };
  return { load, pass, waits: () => waits };
}

test('alerts at rest need a tick every ten seconds, one that waits every second', async () => {
  const { load, pass, waits } = await alertsWith({ above: { warning: 5 }, for: '30s' });
  load(1);
  expect(waits()).toBe(0);
  expect(pass(1000)).toBe(10_000);
  load(6);
  expect(waits()).toBe(1);
  expect(pass(1000)).toBe(1000);
  load(1);
  expect(waits()).toBe(1);
  expect(pass(1000)).toBe(10_000);
});

test('a firing alert has a tick every second until its receivers know that it is resolved', async () => {
  const { load, pass } = await alertsWith({ above: { warning: 5 } });
  load(6);
  expect(pass(60_000)).toBe(1000);
  load(1);
  expect(pass(120_000)).toBe(10_000);
});

test.each([
  ['1h', 10_000],
  ['50s', 5000],
  ['5s', 1000],
])('a silence of %s is noticed with ticks every %d ms', async (after, every) => {
  const { load, pass } = await alertsWith({ deadman: { after } });
  load(1);
  expect(pass(1000)).toBe(every);
});
