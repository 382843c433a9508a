import { expect, test } from '@jest/globals';

import { Feed } from '../../../src/core/feed.ts';
import { fleet } from '../../../src/plugins/fleet/index.ts';
import type { Accumulator, FleetMetric, Input, StreamInput } from '../../../src/plugin/index.ts';
import { testContext } from '../../../src/testing.ts';

type Catalog = typeof fleet.metrics;

const DOWN: FleetMetric = {
  name: 'fleet_host',
  tags: { host: 'db1', host_id: 'a1', role: 'db' },
  fields: { up: 0, down: 1 },
};

test('reports the hosts at each interval, and at once when one of them changes', async () => {
  const changes = new Feed<void>();
  const context = testContext({
    fleet: { snapshot: () => [DOWN], onChange: (listener) => changes.subscribe(listener) },
  });
  const input = (await fleet.create({}, context)) as Input<Catalog> & StreamInput<Catalog>;
  const points: unknown[] = [];
  const acc: Accumulator<Catalog> = {
    add: (...point) => points.push(point),
    error: (error) => {
      throw error;
    },
  };
  const point = [DOWN.name, DOWN.fields, DOWN.tags];
  const stop = new AbortController();
  await input.gather(acc, stop.signal);
  expect(points).toEqual([point]);
  const run = input.run(acc, stop.signal);
  changes.publish();
  expect(points).toEqual([point, point]);
  stop.abort();
  await run;
  changes.publish();
  expect(points).toHaveLength(2);
  context.close();
});
