/** What the message of host_down says beside the fact. */
import { expect, test } from '@jest/globals';

import { Alerts, type Sight } from '../../src/alerts/alerts.ts';
import { memoryAlertStore } from '../../src/alerts/store/memory-store.ts';
import { listLines } from '../../src/commands/alerts/list-text.ts';
import { checkConfig } from '../../src/config/load.ts';
import { nanoseconds } from '../../src/core/clock.ts';
import { firingAlerts } from '../../src/findings/checks/alerts.ts';
import { internTags } from '../../src/metric/series.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';
import { manualClock, silentLog } from '../../src/testing.ts';
import { pass } from '../support/kit/runner.ts';

const RULES = [
  { override: 'host_down' },
  { id: 'disk', metric: 'disk.used_percent', group_by: ['path'], above: { warning: 90 } },
];

async function scene(sight: Partial<Sight>) {
  const clock = manualClock(1_700_000_000_000);
  const file = {
    hub: {},
    inputs: ['disk'],
    alerts: { defaults: 'off', rules: RULES },
  };
  const config = await checkConfig(file, { cwd: '/', environment: {}, registry: builtInPlugins });
  const alerts = new Alerts({
    settings: config.alerts,
    receivers: [],
    store: memoryAlertStore(),
    onWaiting: () => undefined,
    capture: { wants: () => false, observe: () => undefined, prepare: () => undefined, take: () => [] },
    sight: () => ({ isAway: () => false, opinionOf: () => undefined, ...sight }),
    clock,
    random: () => 0,
    log: silentLog,
  });
  alerts.start();
  const observe = (name: string, tags: Readonly<Record<string, string>>, fields: Readonly<Record<string, number>>) => {
    alerts.observe({ name, tags: internTags(tags), fields, time: nanoseconds(clock.now()) });
  };
  const passed = async (ms: number) => {
    for (let past = 0; past < ms; past += 1000) {
      await pass(clock, 1000);
      alerts.tick();
    }
  };
  return { alerts, observe, passed, clock };
}

test('what the hub knows of the host, and how many of its alerts are unknown', async () => {
  const away = new Set<string>();
  const { alerts, observe, passed, clock } = await scene({
    isAway: (host) => away.has(host),
    opinionOf: (id) =>
      id === 'id1' ? 'The hub hears nothing of the agent, but the host answers on port 22.' : undefined,
  });
  observe('disk', { host: 'web1', path: '/' }, { used_percent: 95 });
  observe('disk', { host: 'web1', path: '/srv' }, { used_percent: 95 });
  observe('disk', { host: 'web2', path: '/' }, { used_percent: 95 });
  away.add('web1');
  await passed(70_000);
  observe('fleet_host', { host: 'web1', host_id: 'id1' }, { down: 1 });
  await passed(2000);
  const down = alerts.alerts().find(({ alert }) => alert.rule === 'host_down');
  expect(down?.alert.description).toContain('but the host answers on port 22. 2 alerts of it are unknown.');
  const states = listLines(alerts.alerts(), clock.now()).slice(1);
  expect(states.filter((line) => line.includes(' unknown ')).map((line) => /path=\S+/.exec(line)?.[0])).toEqual([
    'path=/',
    'path=/srv',
  ]);
  const findings = firingAlerts(alerts.alerts(), []).filter(({ level }) => level === 'unknown');
  expect(findings).toHaveLength(2);
  expect(findings[0]?.evidence).toContain('unknown, since its host is not heard');
  away.clear();
  observe('disk', { host: 'web1', path: '/' }, { used_percent: 95 });
  observe('disk', { host: 'web1', path: '/srv' }, { used_percent: 95 });
  const back = alerts.alerts().find(({ alert }) => alert.rule === 'host_down');
  expect(back?.alert.description).not.toContain('unknown');
  await alerts.stop(AbortSignal.abort());
});
