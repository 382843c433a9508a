/** The hosts of a hub in the API of series, and in what the page begins with. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { FleetHost } from '../../src/api/fleet.ts';
import type { FieldOf, HistoryAccess } from '../../src/history/access.ts';
import type { HubControl } from '../../src/hub/control.ts';
import { systemClock } from '../../src/core/clock.ts';
import { STRANGER } from '../../src/server/access/caller.ts';
import { WHOLE } from '../../src/server/access/sight.ts';
import { firstData } from '../../src/server/page/first.ts';
import { NO_SOURCES, type Sources } from '../../src/server/sources.ts';
import { startApiServer, type ApiServer } from '../support/kit/api-server.ts';

const DB: Pick<FleetHost, 'id' | 'name' | 'tags' | 'bootedAt' | 'addresses' | 'version' | 'joinedAt'> = {
  id: 'a1',
  name: 'db-1',
  tags: { role: 'db' },
  bootedAt: 5,
  addresses: ['10.0.0.1'],
  version: '0.1.0',
  joinedAt: 7,
};
const asked: FieldOf[][] = [];
const hub = {
  host: (name: string) => (name === DB.id || name === DB.name ? DB : undefined),
  inventory: () => ({
    report: { os: 'Debian', kernel: '6.12.41', arch: 'x64', cores: 4, memoryBytes: 8, timeZone: 'UTC' },
  }),
  fleet: () => ({ hosts: [DB], sites: [], siteTag: 'site', now: 0 }),
} as unknown as HubControl;
const history = {
  query: (fields: FieldOf[]) => {
    asked.push(fields);
    return Promise.resolve({ from: 0, to: 1000, step: 1000, values: fields.map(() => [Float64Array.of(1)]) });
  },
  usual: (of: FieldOf) => {
    asked.push([of]);
    return Promise.resolve({ low: Float64Array.of(1), high: Float64Array.of(2) });
  },
} as unknown as HistoryAccess;
const sources: Partial<Sources> = { hub: () => hub, history: () => history, hostTag: () => 'hub-1' };
let server: ApiServer;

beforeAll(async () => {
  server = await startApiServer({ sources });
});
afterAll(() => server.close());

async function hostsOf(path: string): Promise<readonly (readonly [string, string])[]> {
  asked.length = 0;
  const { status } = await server.ask(`/api/v1/${path}`);
  expect(status).toBe(200);
  return asked.flat().map(({ set }) => [set.host, set.name]);
}

test.each(['query', 'usual'])('%s: names without a host are of the host that is asked for', async (route) => {
  const series = 's=mem.used&s=mem.used{host=hub-1}&s=cpu.usage_idle{cpu=cpu-total,host=db-1}';
  expect(await hostsOf(`${route}?${series}&host=db-1&from=0&to=1000`)).toEqual([
    ['a1', 'mem'],
    ['', 'mem'],
    ['a1', 'cpu'],
  ]);
  expect(await hostsOf(`${route}?${series}&from=0&to=1000`)).toEqual([
    ['', 'mem'],
    ['', 'mem'],
    ['a1', 'cpu'],
  ]);
  const { status, text } = await server.ask(`/api/v1/${route}?s=mem.used&host=nobody`);
  expect([status, text]).toEqual([404, expect.stringContaining('There is no host')]);
});

test('the page of a hub begins with the host that its address names, to those who may read', () => {
  const all = { ...NO_SOURCES, ...sources };
  const begin = (path: string, mayRead = true, sight = WHOLE) =>
    firstData(all, {
      caller: STRANGER,
      sight,
      session: { mayRead, mayAct: false, role: null, hasUsers: false, hasPassword: false },
      clock: systemClock,
      path,
    });
  expect(begin('/h/db-1/time')).toMatchObject({
    host: {
      id: 'a1',
      name: 'db-1',
      tags: { role: 'db' },
      kernel: '6.12.41',
      memoryBytes: 8,
      agent: { version: '0.1.0' },
    },
    elsewhere: { id: 'a1', path: 'db-1', hub: 'hub-1' },
  });
  for (const path of ['/h/hub-1/time', '/h/nobody/', '/', '/fleet/db-1'])
    expect(begin(path)).not.toHaveProperty('elsewhere');
  const elsewhere = { ...WHOLE, isWhole: false, host: () => false };
  expect(begin('/h/db-1/', true, elsewhere)).not.toHaveProperty('elsewhere');
  expect(begin('/h/db-1/', false)).toEqual({ now: expect.any(Number), session: expect.anything() });
});
