/** The input `prometheus` and Prometheus' own tools can read the output. */
import { spawnSync } from 'node:child_process';

import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { inputs } from '../../../src/plugins/index.ts';
import { formatLine, type Metric, type MetricCatalog } from '../../../src/plugin/index.ts';
import { atOnce } from '../../../src/core/turns.ts';
import { parseExposition } from '../../../src/plugins/exposition.ts';
import { prometheus as scraper } from '../../../src/plugins/prometheus/index.ts';
import { testInput } from '../../../src/testing.ts';
import { PROMTOOL } from '../../support/servers/prometheus.ts';
import { testWith } from '../../support/servers/real-server.ts';

import { openEndpoint, type OpenEndpoint } from './open.ts';

const OPEN_METRICS = { accept: 'application/openmetrics-text' };

let opened: OpenEndpoint | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

const text = fc.string({ unit: fc.constantFrom(...Array.from('aB9_:.- ,="\\\n{}#é🌧')), maxLength: 8 });
const key = text.filter((each) => /[^\\\n]$/.test(each) && !each.startsWith('#'));
const metric: fc.Arbitrary<Metric> = fc.record({
  name: key,
  tags: fc.dictionary(key, key, { maxKeys: 3, noNullPrototype: true }),
  fields: fc.dictionary(
    key,
    fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), text, fc.bigInt({ min: -9n, max: 9n })),
    { minKeys: 1, maxKeys: 4, noNullPrototype: true },
  ),
  time: fc.bigInt({ min: 1n, max: 10n ** 18n }),
});

describe('arbitrary metrics', () => {
  test('result in valid text, without duplicate series, and the same in both formats', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(metric, { minLength: 1, maxLength: 6 }), async (metrics) => {
        const endpoint = await openEndpoint({ string_as_label: metrics.length % 2 === 0, export_timestamp: true });
        try {
          await endpoint.write(...metrics.map(formatLine));
          const plain = seriesOf(await endpoint.scrape(), 'text');
          expect(new Set(plain.map(([identity]) => identity)).size).toBe(plain.length);
          expect(seriesOf(await endpoint.scrape(OPEN_METRICS), 'openMetrics')).toEqual(plain);
        } finally {
          await endpoint.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});

function seriesOf(scraped: string, format: 'text' | 'openMetrics') {
  const { samples } = atOnce(parseExposition(scraped, format, 100_000));
  return samples
    .map(({ name, labels, value, time }) => [JSON.stringify([name, ...labels]), value, time] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const LABELLED = fc.dictionary(
  fc.stringMatching(/^[a-z][a-z_]{0,4}$/),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }),
  {
    maxKeys: 3,
    noNullPrototype: true,
  },
);

test('scraped samples are the same when they are scraped again', async () => {
  opened = await openEndpoint({ export_timestamp: true });
  const endpoint = opened;
  const input = await testInput(scraper, { urls: [endpoint.url], url_tag: '' }, { hostname: '' });
  let time = 1_000_000n;
  await fc.assert(
    fc.asyncProperty(
      fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,6}$/),
      LABELLED.filter((labels) =>
        Object.values(labels).every((value) => /^[^\n\\]+$/.test(value) && value.trim() !== ''),
      ),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      async (name, tags, value) => {
        const given = { name: 'prometheus', tags, fields: { [name]: value }, time: (time += 1_000_000n) };
        await endpoint.write(formatLine(given));
        const { metrics, errors } = await input.gather();
        expect(errors).toEqual([]);
        const found = metrics.filter((each) => each.time === given.time);
        // The text does not preserve negative zero.
        expect(found).toEqual([{ ...given, fields: { [name]: value === 0 ? 0 : value } }]);
      },
    ),
    { numRuns: 60 },
  );
  await input.stop();
});

testWith(PROMTOOL)('promtool accepts the metrics of all inputs on this host', async () => {
  const metrics: Metric[] = [];
  const catalog: Record<string, MetricCatalog[string]> = {};
  for (const name of [
    'cpu',
    'disk',
    'diskio',
    'internal',
    'kernel',
    'mem',
    'net',
    'netstat',
    'processes',
    'swap',
    'system',
    'temp',
  ]) {
    const plugin = await inputs[name]!();
    Object.assign(catalog, plugin.metrics);
    const input = await testInput(plugin, {});
    for (let round = 0; round < 2; round += 1) metrics.push(...(await input.gather()).metrics);
    await input.stop();
  }
  opened = await openEndpoint({ string_as_label: true }, { metrics: catalog });
  await opened.write(...metrics.map(formatLine));
  const scraped = await opened.scrape();
  expect(scraped).toMatch(/^mem_total\{host="test"\} \d+$/m);
  expect(scraped).toMatch(/^# TYPE net_bytes_recv counter$/m);
  expect(scraped).toMatch(/^# HELP mem_total \w/m);
  const { status, stderr } = checkMetrics(scraped);
  // 3: lint findings, such as counters without _total; 1: a syntax error.
  expect([status, stderr.includes('error while linting')]).toEqual([3, false]);
});

testWith(PROMTOOL)('promtool accepts histograms and summaries without findings', async () => {
  opened = await openEndpoint();
  await opened.write('prometheus,le=0.5 h_seconds_bucket=1 1', 'prometheus,le=+Inf h_seconds_bucket=3 1');
  await opened.write('prometheus h_seconds_count=3,h_seconds_sum=4.5,s_seconds_sum=5,s_seconds_count=2 1');
  await opened.write('prometheus,quantile=0.5 s_seconds=2 1');
  const { stdout, stderr } = checkMetrics(await opened.scrape());
  expect((stdout + stderr).split('\n').filter((line) => line !== '' && !line.endsWith('no help text'))).toEqual([]);
});

function checkMetrics(scraped: string) {
  return spawnSync(PROMTOOL.binary, ['check', 'metrics'], { input: scraped, encoding: 'utf8' });
}
