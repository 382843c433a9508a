/** One line for each host of a hub. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { FleetLinesAnswer } from '../../src/api/fleet-lines.ts';
import type { FieldOf, HistoryAccess, KnownSet, Range } from '../../src/history/access.ts';
import type { HubControl } from '../../src/hub/control.ts';
import { startApiServer, type ApiServer } from '../support/kit/api-server.ts';

const HOSTS = 300;
const known = (host: string, name: string, tags: Record<string, string>, lastAt = 5000): KnownSet => ({
  ...{ set: { host, name, tags }, lastAt },
  fields: [{ name: 'usage_idle', type: 'float' }],
});
const sets: KnownSet[] = [
  known('', 'cpu', { cpu: 'cpu-total' }),
  known('stranger', 'cpu', { cpu: 'cpu-total' }),
  known('h0', 'cpu', { cpu: 'cpu0' }),
  known('h0', 'mem', {}),
  known('h1', 'cpu', { cpu: 'cpu-total', role: 'old' }, 2000),
  known('h2', 'cpu', { cpu: 'cpu-total', role: 'old' }, 500),
  ...Array.from({ length: HOSTS }, (_, index) => known(`h${index}`, 'cpu', { cpu: 'cpu-total' })),
];
const asked: { fields: readonly FieldOf[]; range: Range }[] = [];
const history = {
  sets: () => Promise.resolve(sets),
  query: (fields: readonly FieldOf[], _: unknown, range: Range) => {
    asked.push({ fields, range });
    // The old set of h1 has the first bucket, the new one the second; h5 has nothing.
    const values = fields.map(({ set: { host, tags } }) => {
      if (host === 'h5') return [Float64Array.of(NaN, NaN)];
      if (host === 'h1') return [tags['role'] === 'old' ? Float64Array.of(40, NaN) : Float64Array.of(NaN, 30)];
      return [Float64Array.of(NaN, 12.34567)];
    });
    return Promise.resolve({ from: range.from, step: range.step, values });
  },
} as unknown as HistoryAccess;
const hub = {
  fleet: () => ({ hosts: Array.from({ length: HOSTS }, (_, index) => ({ id: `h${index}`, name: `web-${index}` })) }),
} as unknown as HubControl;
let server: ApiServer;

beforeAll(async () => {
  server = await startApiServer({ sources: { hub: () => hub, history: () => history } });
});
afterAll(() => server.close());

test('each host of the hub has a line, also when its tags have changed; strangers and other series have none', async () => {
  const { status, text } = await server.ask('/api/v1/fleet/lines?metric=cpu&from=1000&to=6000&width=2');
  expect(status).toBe(200);
  const { lines } = JSON.parse(text) as FleetLinesAnswer;
  const byId = new Map(lines.map(({ id, values }) => [id, values]));
  expect(byId.size).toBe(HOSTS - 1);
  expect(byId.get('h0')).toEqual([null, 87.65]);
  expect(byId.get('h1')).toEqual([60, 70]);
  expect(byId.has('h5')).toBe(false);
  expect(lines.find(({ id }) => id === 'h7')?.name).toBe('web-7');
  expect(asked.flatMap(({ fields }) => fields.map(({ set }) => set.host)).filter((host) => host === 'h2')).toHaveLength(
    1,
  );
  expect(Math.max(...asked.map(({ fields }) => fields.length))).toBeLessThanOrEqual(250);
});

test('many hosts get fewer points each, so that the answer stays small', async () => {
  asked.length = 0;
  await server.ask('/api/v1/fleet/lines?metric=cpu&from=0&to=6000000&width=600');
  const buckets = asked.map(({ range: { from, to, step }, fields }) => ((to - from) / step) * fields.length);
  expect(buckets.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(160_000);
  expect((await server.ask('/api/v1/fleet/lines?metric=swap')).status).toBe(400);
});
