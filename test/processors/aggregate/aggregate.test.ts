import { expect, test } from '@jest/globals';

import type { FieldValue, Metric, Processor } from '../../../src/plugin/index.ts';
import { aggregate } from '../../../src/processors/aggregate/index.ts';
import { testContext } from '../../../src/testing.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';

/** A multiple of 30 s. */
const START = 1_700_000_010_000;

function at(seconds: number, fields: Readonly<Record<string, FieldValue>>, tags = { cpu: 'cpu0' }): Metric {
  return { name: 'cpu', tags, fields, time: BigInt(START + seconds * 1000) * 1_000_000n };
}

async function aggregator(options: Parameters<typeof aggregate.config.parse>[0] = {}) {
  const log = recordingLog();
  const processor = await aggregate.create(aggregate.config.parse(options), testContext({ log }));
  const flush = (seconds: number, final = false) => processor.flush?.(START + seconds * 1000, final) ?? [];
  return { processor, flush, log };
}

function feed(processor: Processor, metrics: readonly Metric[]): void {
  for (const metric of metrics) processor.process(metric);
}

test('reports a window after its end and grace, and passes the originals', async () => {
  const { processor, flush } = await aggregator();
  const first = at(0, { idle: 90.5 });
  expect(processor.process(first)).toBe(first);
  feed(processor, [at(10, { idle: 50.5 }), at(29, { idle: 99 }), at(30, { idle: 1 })]);

  expect(flush(34)).toEqual([]);
  const [metric, ...others] = flush(35);
  expect(others).toEqual([]);
  expect(metric).toEqual({
    ...at(30, { idle_min: 50.5, idle_max: 99, idle_mean: 80, idle_count: 3n }),
  });
  expect(flush(36)).toEqual([]);
});

test('identifies series regardless of the order of their tags', async () => {
  const { processor, flush } = await aggregator({ stats: ['count'] });
  feed(processor, [
    { ...at(1, { n: 1n }), tags: { a: '1', b: '2' } },
    { ...at(2, { n: 1n }), tags: { b: '2', a: '1' } },
    { ...at(3, { n: 1n }), tags: { a: '2', b: '1' } },
  ]);
  expect(flush(60).map(({ fields }) => fields['n_count'])).toEqual([2n, 1n]);
});

test('minimum, maximum and sum of integers stay integers, beyond 2^53 exactly; the mean is a float', async () => {
  const { processor, flush } = await aggregator({ stats: ['min', 'max', 'sum', 'mean'] });
  feed(processor, [at(1, { n: 9_007_199_254_740_993n }), at(2, { n: 3n })]);
  expect(flush(60)[0]?.fields).toEqual({
    n_min: 3n,
    n_max: 9_007_199_254_740_993n,
    n_sum: 9_007_199_254_740_996n,
    n_mean: 4_503_599_627_370_498,
  });
});

test('a field keeps its first type, in this window and later ones', async () => {
  const { processor, flush } = await aggregator({ stats: ['max'] });
  feed(processor, [at(1, { n: 1n, x: 1.5 }), at(2, { n: 2.6, x: 7n }), at(31, { n: 4.4, x: 8n })]);
  expect(flush(90).map(({ fields }) => fields)).toEqual([
    { n_max: 3n, x_max: 7 },
    { n_max: 4n, x_max: 8 },
  ]);
});

test('percentiles interpolate linearly; the sample deviation is missing for a single value', async () => {
  const { processor, flush } = await aggregator({ stats: ['p50', 'p90', 'p99.9', 'stdev'] });
  feed(
    processor,
    [4, 1, 3, 2].map((value, second) => at(second, { x: value })),
  );
  feed(processor, [at(31, { x: 5 })]);
  const [whole, single] = flush(90);
  expect(whole?.fields['x_p50']).toBe(2.5);
  expect(whole?.fields['x_p90']).toBeCloseTo(3.7, 12);
  expect(whole?.fields['x_p99.9']).toBeCloseTo(3.997, 12);
  expect(whole?.fields['x_stdev']).toBeCloseTo(Math.sqrt(5 / 3), 12);
  expect(single?.fields).toEqual({ x_p50: 5, x_p90: 5, 'x_p99.9': 5 });
});

test('beyond ten thousand values percentiles are estimated, within two percent of the range', async () => {
  const { processor, flush } = await aggregator({ stats: ['p50', 'p95', 'count'] });
  for (let i = 0; i < 50_000; i += 1) processor.process(at(i % 30, { x: (i * 7919) % 50_000 }));
  const fields = flush(60)[0]?.fields;
  expect(fields?.['x_count']).toBe(50_000n);
  expect(Math.abs(Number(fields?.['x_p50']) - 25_000)).toBeLessThan(1000);
  expect(Math.abs(Number(fields?.['x_p95']) - 47_500)).toBeLessThan(1000);
});

test('a metric without numbers passes even if originals are dropped', async () => {
  const { processor, flush } = await aggregator({ drop_original: true });
  const status = at(1, { status: 'up', ok: true });
  expect(processor.process(status)).toBe(status);
  expect(processor.process(at(1, { n: 1n, status: 'up' }))).toBeUndefined();
  expect(Object.keys(flush(60)[0]?.fields ?? {})).toEqual(['n_min', 'n_max', 'n_mean', 'n_count']);
});

test('late metrics are not part of the statistics; start and end of such an episode are logged', async () => {
  const { processor, flush, log } = await aggregator({ grace: '0s' });
  flush(30);
  const late = at(29, { n: 1n });
  expect(processor.process(late)).toBe(late);
  processor.process(late);
  expect(log.lines).toEqual([
    expect.stringMatching(/^warn: Metrics arrive after their window was reported; raise grace/),
  ]);
  for (const seconds of [60, 90]) expect(flush(seconds)).toEqual([]);
  expect(log.lines.slice(1)).toEqual([
    expect.stringMatching(/^info: Ended: Metrics arrive after their window was reported/),
  ]);
});

test('late metrics are lost only if originals are dropped', async () => {
  const { processor, flush } = await aggregator({ grace: '0s', drop_original: true });
  flush(30);
  expect(processor.process(at(29, { n: 1n }))).toBeUndefined();
});

test('metrics beyond max_series pass without statistics, and this is logged once', async () => {
  const { processor, flush, log } = await aggregator({ max_series: 2, drop_original: true, stats: ['count'] });
  const metrics = ['0', '1', '2', '3'].map((cpu) => at(1, { n: 1n }, { cpu }));
  expect(metrics.map((metric) => processor.process(metric))).toEqual([undefined, undefined, metrics[2], metrics[3]]);
  expect(processor.process(at(2, { n: 1n }, { cpu: '0' }))).toBeUndefined();
  expect(log.lines).toHaveLength(1);
  expect(flush(60).map(({ fields }) => fields['n_count'])).toEqual([2n, 1n]);
  expect(processor.process(at(61, { n: 1n }, { cpu: '3' }))).toBeUndefined();
});

test('the final flush reports everything; a window cut short has the time of its last value', async () => {
  const { processor, flush } = await aggregator({ stats: ['count'] });
  feed(processor, [at(1, { n: 1n }), at(31, { n: 1n }), at(33, { n: 1n })]);
  expect(flush(34, true)).toEqual([at(30, { n_count: 1n }), at(33, { n_count: 2n })]);
});

test('windows work for times before 1970', async () => {
  const { processor, flush } = await aggregator({ stats: ['count'] });
  processor.process({ ...at(0, { n: 1n }), time: -1n });
  expect(flush(0)[0]?.time).toBe(0n);
});

test('an unknown statistic is rejected with a list of the known ones', () => {
  const { error } = aggregate.config.safeParse({ stats: ['median'] });
  expect(error?.issues[0]?.message).toBe(
    '"median" is not a statistic; use min, max, mean, sum, count, stdev or p50 … p99.9',
  );
});
