import { expect, test } from '@jest/globals';

import type { Metric, Processor } from '../../../src/plugin/index.ts';
import { rename } from '../../../src/processors/rename/index.ts';
import { testContext } from '../../../src/testing.ts';

const METRIC: Metric = { name: 'net', tags: { host: 'a', interface: 'eth0' }, fields: { rx: 1n, tx: 2n }, time: 5n };

async function renamer(replace: readonly object[]): Promise<Processor> {
  return rename.create(rename.config.parse({ replace }), testContext());
}

test('renames measurement, tag and field, in place and with their values', async () => {
  const processor = await renamer([
    { measurement: 'net', dest: 'network' },
    { tag: 'interface', dest: 'nic' },
    { field: 'rx', dest: 'bytes_recv' },
  ]);
  const renamed = processor.process(METRIC) as Metric;
  expect(renamed).toEqual({
    name: 'network',
    tags: { host: 'a', nic: 'eth0' },
    fields: { bytes_recv: 1n, tx: 2n },
    time: 5n,
  });
  expect(Object.keys(renamed.fields)).toEqual(['bytes_recv', 'tx']);
});

test('a later rule sees the result of an earlier one', async () => {
  const processor = await renamer([
    { field: 'rx', dest: 'old' },
    { field: 'tx', dest: 'rx' },
    { field: 'old', dest: 'tx' },
  ]);
  expect(processor.process(METRIC)).toMatchObject({ fields: { tx: 1n, rx: 2n } });
});

test('a renamed key replaces one that already has the new name', async () => {
  const processor = await renamer([{ field: 'rx', dest: 'tx' }]);
  expect(processor.process(METRIC)).toHaveProperty('fields', { tx: 1n });
});

test('equal frozen tags give the same object, so that their encoding stays cached', async () => {
  const processor = await renamer([{ tag: 'interface', dest: 'nic' }]);
  const metric = { ...METRIC, tags: Object.freeze({ ...METRIC.tags }) };
  const first = processor.process(metric) as Metric;
  const second = processor.process({ ...metric, time: 6n }) as Metric;
  expect(second.tags).toBe(first.tags);
  expect(Object.isFrozen(first.tags)).toBe(true);
});

test('keys of the object prototype are ordinary names', async () => {
  const processor = await renamer([{ tag: 'interface', dest: '__proto__' }]);
  const { tags } = processor.process(METRIC) as Metric;
  expect(Object.entries(tags)).toEqual([
    ['host', 'a'],
    ['__proto__', 'eth0'],
  ]);
});

test('a rule needs exactly one of measurement, tag and field', () => {
  for (const rule of [{ dest: 'a' }, { tag: 'a', field: 'b', dest: 'c' }]) {
    const { error } = rename.config.safeParse({ replace: [rule] });
    expect(error?.issues[0]?.message).toMatch(/exactly one of measurement, tag and field/);
  }
});
