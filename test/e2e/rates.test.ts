/** The rate of a counter that grows by 1000 a second, as a chart shows it, wherever the time range ends. */
import { expect, test } from '@jest/globals';

import { grafanaContent } from '../../src/commands/grafana/content.ts';
import { allDashboards } from '../../src/grafana/export.ts';
import { listQueries } from '../../src/grafana/list-queries.ts';
import type { Query } from '../../src/grafana/query.ts';
import { influxql } from '../../src/grafana/writers/influxql.ts';
import { promql } from '../../src/grafana/writers/promql.ts';
import { influxdb } from '../../src/outputs/influxdb/index.ts';
import { prometheusRemoteWrite } from '../../src/outputs/prometheus_remote_write/index.ts';
import { testBatch } from '../support/kit/batch.ts';
import { openOutput } from '../support/kit/open-output.ts';
import { INFLUXD, startInfluxd } from '../support/servers/influxd.ts';
import { PROMETHEUS, startPrometheus } from '../support/servers/prometheus.ts';
import { testWith } from '../support/servers/real-server.ts';

const PER_SECOND = 1000;
const [EVERY, POINTS] = [10, 60];
/** A full minute, so that windows begin there. Seconds since the Unix epoch. */
const START = Math.floor(Date.now() / 60_000) * 60 - 3600;
const END = START + EVERY * (POINTS - 1);

/** Two interfaces of one host, a point every ten seconds. */
const LINES = Array.from({ length: POINTS }, (_, index) =>
  ['eth0', 'eth1'].map(
    (name, which) =>
      `net,host=a,interface=${name} bytes_recv=${7 + index * EVERY * PER_SECOND * (which + 1)}i ${(START + index * EVERY) * 1e9}`,
  ),
).flat();

const EACH: Query = { measurement: 'net', field: 'bytes_recv', reduce: 'rate', by: ['interface'], where: [] };
const SUM: Query = { ...EACH, by: ['host'], across: 'sum' };

/** Seconds by which the range ends after the boundary of a window. */
const OFFSETS = [0, 0.5, 1, 2, 5, 9.5, 15, 35, 59.5];

testWith(INFLUXD)('S-001: InfluxQL', async () => {
  const server = await startInfluxd();
  try {
    const output = await openOutput(influxdb, { url: server.url, database: 'd' });
    expect(await output.write(testBatch(LINES))).toBeUndefined();
    await output.close();
    const rates = async (query: Query, end: number, interval: number) => {
      const { query: text } = influxql.series(query, 'A', '') as { readonly query: string };
      const range = `time >= ${(end - 300) * 1000}ms AND time <= ${end * 1000}ms`;
      const series = await server.query(
        text.replaceAll('$timeFilter', range).replaceAll('$__interval', `${interval}s`),
        {
          db: 'd',
        },
      );
      return series.map(({ values }) => values.map(([, value]) => Number(value)));
    };
    for (const offset of OFFSETS) {
      for (const interval of [10, 60]) {
        const end = END - 120 + offset;
        const all = await rates(EACH, end, interval);
        expect(all.map((values) => new Set(values))).toEqual([new Set([PER_SECOND]), new Set([2 * PER_SECOND])]);
        expect(all[0]?.length).toBeGreaterThanOrEqual(300 / interval - 1);
        expect((await rates(SUM, end, interval)).map((values) => new Set(values))).toEqual([new Set([3 * PER_SECOND])]);
      }
    }
  } finally {
    await server.stop();
  }
});

testWith(PROMETHEUS)('S-001: PromQL', async () => {
  const server = await startPrometheus({ remoteWrite: true, outOfOrder: '24h' });
  try {
    const output = await openOutput(prometheusRemoteWrite, { url: server.writeUrl });
    expect(await output.write(testBatch(LINES))).toBeUndefined();
    await output.close();
    const rates = async (query: Query, end: number) => {
      const { expr } = promql.series(query, 'A', '') as { readonly expr: string };
      const range = { start: String(end - 240), end: String(end), step: '10' };
      const parameters = new URLSearchParams({ query: expr.replaceAll('$__rate_interval', '60s'), ...range });
      const answer = await fetch(`${server.url}/api/v1/query_range?${parameters.toString()}`);
      const { data } = (await answer.json()) as {
        readonly data: { readonly result: readonly { readonly values: readonly (readonly [number, string])[] }[] };
      };
      return data.result.map(({ values }) => values.map(([, value]) => Math.round(Number(value))));
    };
    for (const offset of OFFSETS) {
      const end = END - 60 + offset;
      const each = await rates(EACH, end);
      expect(each.map((values) => new Set(values))).toEqual([new Set([PER_SECOND]), new Set([2 * PER_SECOND])]);
      expect((await rates(SUM, end)).map((values) => new Set(values))).toEqual([new Set([3 * PER_SECOND])]);
    }
  } finally {
    await server.stop();
  }
});

test('S-001: every rate of every dashboard has the form that these tests and the writers of queries check', async () => {
  const content = await grafanaContent();
  const ratesOf = (source: 'influxql' | 'flux' | 'promql', word: string) =>
    allDashboards(content, source)
      .flatMap(listQueries)
      .map(({ text }) => text)
      .filter((text) => text.includes(word));
  for (const text of ratesOf('influxql', 'derivative('))
    expect(text).toMatch(
      /mean\("value"\)[^(]*FROM \(SELECT non_negative_derivative\("[^"]+", 1s\) AS "value" FROM [^()]*GROUP BY \*\)/,
    );
  for (const text of ratesOf('flux', 'derivative('))
    expect(text).toMatch(
      /_field == "[^"]+"\)\n {2}\|> derivative\(unit: 1s, nonNegative: true\)\n {2}\|> aggregateWindow\(every: v.windowPeriod, fn: mean, createEmpty: false\)/,
    );
  for (const text of ratesOf('promql', 'rate(')) expect(text).toMatch(/\(rate\([^()]+\[\$__rate_interval\]\)\)/);
  for (const [source, word] of [
    ['influxql', 'derivative('],
    ['flux', 'derivative('],
    ['promql', 'rate('],
  ] as const)
    expect(ratesOf(source, word).length).toBeGreaterThan(10);
});
