/** What `healthd alerts` shows of alerts that have not fired yet. */
import { expect, test } from '@jest/globals';

import { nanoseconds } from '../../src/core/clock.ts';
import { Alerts } from '../../src/alerts/alerts.ts';
import { memoryAlertStore } from '../../src/alerts/store/memory-store.ts';
import { listLines, windowLines } from '../../src/commands/alerts/list-text.ts';
import { checkConfig } from '../../src/config/load.ts';
import { internTags } from '../../src/metric/series.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';
import { manualClock, silentLog } from '../../src/testing.ts';

const STEP = 10_000;

async function alertsWith(rules: readonly object[]) {
  const clock = manualClock(1_700_000_000_000);
  const file = { alerts: { defaults: 'off', rules } };
  const config = await checkConfig(file, { cwd: '/', environment: {}, registry: builtInPlugins });
  const alerts = new Alerts({
    settings: config.alerts,
    receivers: [],
    store: memoryAlertStore(),
    onWaiting: () => undefined,
    capture: { wants: () => false, observe: () => undefined, prepare: () => undefined, take: () => [] },
    clock,
    random: () => 0,
    log: silentLog,
  });
  alerts.start();
  /** Samples of CPUs until the time has passed, one each ten seconds. */
  const pass = (ms: number, cpus: Readonly<Record<string, number>>) => {
    for (let past = 0; past < ms; past += STEP) {
      for (const [cpu, usage_idle] of Object.entries(cpus)) {
        const tags = internTags({ host: 'web1', cpu });
        alerts.observe({ name: 'cpu', tags, fields: { usage_idle }, time: nanoseconds(clock.now()) });
      }
      clock.advance(STEP);
      alerts.tick();
    }
  };
  const shown = () => [...listLines(alerts.alerts(), clock.now()), ...windowLines(alerts.windows())];
  return { pass, shown };
}

const BUSY = { metric: 'cpu.usage_idle', below: { warning: 10, critical: { at: 3, for: '15m' } }, for: '5m' };

test('R-006: shows the progress of a window that fills, then the time until the alert fires', async () => {
  const { pass, shown } = await alertsWith([{ id: 'busy', ...BUSY, window: { of: '5m' } }]);
  pass(180_000, { cpu0: 0, cpu1: 0 });
  expect(shown()).toEqual(['No active alerts', '', 'busy  window fills, 3m of 4m  2 series']);
  pass(60_000, { cpu0: 0, cpu1: 50 });
  pass(120_000, { cpu0: 0, cpu1: 50 });
  expect(shown()).toHaveLength(2);
  expect(shown()[1]).toMatch(/^critical {2}pending 2m10s of 5m {2}busy {2}cpu=cpu0 host=web1 /);
  pass(180_000, { cpu0: 0, cpu1: 50 });
  expect(shown()[1]).toMatch(/^warning +firing {2}/);
});

test('the least filled series counts, and the rule that takes longest comes first', async () => {
  const { pass, shown } = await alertsWith([
    { id: 'short', ...BUSY, window: { of: '5m' } },
    { id: 'usual', ...BUSY, baseline: { of: '1h' } },
  ]);
  pass(120_000, { cpu0: 50 });
  pass(60_000, { cpu0: 50, cpu1: 50 });
  expect(shown()).toEqual([
    'No active alerts',
    '',
    'usual  window fills, 1m of 30m  2 series',
    'short  window fills, 1m of 4m   2 series',
  ]);
});

test('a window of a series without samples, as of an idle disk, does not fill and is not shown', async () => {
  const { pass, shown } = await alertsWith([{ id: 'busy', ...BUSY, window: { of: '5m' } }]);
  pass(60_000, { cpu0: 50, cpu1: 50 });
  pass(60_000, { cpu0: 50, cpu2: 50 });
  expect(shown()).toEqual(['No active alerts', '', 'busy  window fills, 1m of 4m  2 series']);
  pass(120_000, {});
  expect(shown()).toEqual(['No active alerts']);
});

test('rules without a window, and windows that one sample fills, show nothing', async () => {
  const { pass, shown } = await alertsWith([
    { id: 'plain', ...BUSY },
    { id: 'steps', ...BUSY, window: { of: '10m', fn: 'increase', coverage: 0 } },
  ]);
  pass(10_000, { cpu0: 50 });
  expect(shown()).toEqual(['No active alerts']);
});
