import { expect, test } from '@jest/globals';

import type { Metric } from '../../../src/plugin/index.ts';
import { tags } from '../../../src/processors/tags/index.ts';
import { testContext } from '../../../src/testing.ts';

const METRIC: Metric = {
  name: 'procstat',
  tags: { 'app.kubernetes.io/name': 'web', host: 'a', pid: '12' },
  fields: { n: 1n },
  time: 5n,
};

async function process(options: Parameters<typeof tags.config.parse>[0], metric = METRIC): Promise<Metric['tags']> {
  const processor = await tags.create(tags.config.parse(options), testContext());
  return (processor.process(metric) as Metric).tags;
}

test('adds tags and replaces existing ones', async () => {
  expect(await process({ add: { dc: 'fra1', host: 'b' } })).toEqual({ ...METRIC.tags, dc: 'fra1', host: 'b' });
});

test('keeps existing tags with overwrite: false', async () => {
  const expected = { ...METRIC.tags, dc: 'fra1' };
  expect(await process({ add: { dc: 'fra1', host: 'b' }, overwrite: false })).toEqual(expected);
});

test('removes by glob; a star also matches slashes and dots', async () => {
  expect(await process({ remove: ['app*', 'p?d'] })).toEqual({ host: 'a' });
});

test('removes before it adds, so a removed tag can be added again', async () => {
  expect(await process({ add: { pid: '0' }, remove: ['*'] })).toEqual({ pid: '0' });
});

test('an empty value, as from an unset variable, adds nothing', async () => {
  expect(await process({ add: { rack: '' } })).toBe(METRIC.tags);
});

test('equal frozen tags give the same object, so that their encoding stays cached', async () => {
  const processor = await tags.create(tags.config.parse({ add: { dc: 'fra1' } }), testContext());
  const metric = { ...METRIC, tags: Object.freeze({ ...METRIC.tags }) };
  const first = processor.process(metric) as Metric;
  expect((processor.process({ ...metric, time: 6n }) as Metric).tags).toBe(first.tags);
});
