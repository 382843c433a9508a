/** Whom an alert with some labels would notify. */
import { expect, test } from '@jest/globals';

import { Alerts } from '../../src/alerts/alerts.ts';
import { memoryAlertStore } from '../../src/alerts/store/memory-store.ts';
import { checkConfig } from '../../src/config/load.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';
import { manualClock, silentLog } from '../../src/testing.ts';

async function alertsWith(route: object): Promise<Alerts> {
  const webhook = (name: string) => ({ webhook: { url: `http://${name}.test/` } });
  const file = {
    notifiers: { team: webhook('team'), pager: webhook('pager'), boss: webhook('boss') },
    alerts: { defaults: 'off', route },
  };
  const { alerts: settings } = await checkConfig(file, { cwd: '/', environment: {}, registry: builtInPlugins });
  return new Alerts({
    settings,
    origin: { host: 'hub', inputs: [] },
    receivers: [],
    store: memoryAlertStore(),
    onWaiting: () => undefined,
    capture: { wants: () => false, observe: () => undefined, prepare: () => undefined, take: () => [] },
    clock: manualClock(),
    random: () => 0,
    log: silentLog,
  });
}

test('the routes of an alert say whom it notifies now, and whom later', async () => {
  const alerts = await alertsWith({
    notify: ['team'],
    routes: [
      {
        name: 'databases',
        match: { host: 'db-*', level: 'critical' },
        notify: ['pager'],
        escalate: [{ after: '15m', notify: ['boss'] }],
      },
    ],
  });
  expect(alerts.audience({ rule: 'host_down', host: 'db-1', level: 'critical' })).toMatchObject([
    { receivers: ['pager'], isMuted: false, later: [{ after: 900_000, receivers: ['boss'] }] },
  ]);
  expect(alerts.audience({ rule: 'host_down', host: 'web-1', level: 'critical' })).toMatchObject([
    { receivers: ['team'], later: [] },
  ]);
});
