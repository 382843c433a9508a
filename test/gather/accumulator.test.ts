import { expect, test } from '@jest/globals';

import { createAccumulator } from '../../src/gather/accumulator.ts';
import type { Tags } from '../../src/metric/metric.ts';
import { internTags } from '../../src/metric/series.ts';

test('own tags win over those of the entry, these over global ones; a reload changes the global ones', () => {
  let globalTags: Tags = { host: 'gateway', dc: 'fra1' };
  const points: Tags[] = [];
  const acc = createAccumulator(
    {
      metrics: {},
      entryTags: { role: 'edge', dc: 'ams1' },
      globalTags: () => globalTags,
      onMetric: ({ tags }) => points.push(tags),
      onError: (error) => {
        throw error;
      },
    },
    () => 7n,
  );
  // Those of parsed lines cannot change, others can.
  const parsed = internTags({ host: 'web1' });
  const changing: Record<string, string> = { cpu: '0' };
  const addBoth = () => {
    acc.add('cpu', { idle: 1 }, parsed);
    acc.add('cpu', { idle: 1 }, changing);
    return points.splice(0);
  };

  const before = [
    { dc: 'ams1', host: 'web1', role: 'edge' },
    { cpu: '0', dc: 'ams1', host: 'gateway', role: 'edge' },
  ];
  expect(addBoth()).toEqual(before);
  expect(addBoth()).toEqual(before);
  changing['cpu'] = '1';
  globalTags = { host: 'renamed', team: 'core' };
  expect(addBoth()).toEqual([
    { dc: 'ams1', host: 'web1', role: 'edge', team: 'core' },
    { cpu: '1', dc: 'ams1', host: 'renamed', role: 'edge', team: 'core' },
  ]);
});
