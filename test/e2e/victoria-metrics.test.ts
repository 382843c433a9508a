/** The built agent with default options and a real VictoriaMetrics, by the write API of InfluxDB 2. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { expectedFrom } from '../support/golden/expected-schema.ts';
import { readHostFacts } from '../support/golden/host-facts.ts';
import { HOST, startMonitoredHost, type MonitoredHost } from '../support/golden/monitored-host.ts';
import { findBinary, testWith, waitFor } from '../support/servers/real-server.ts';
import {
  startVictoriaMetrics,
  VICTORIA_METRICS,
  type ExportedSeries,
  type VictoriaMetrics,
} from '../support/servers/victoria-metrics.ts';

/** Ten values, each rounded to four decimals. */
const SUM_TOLERANCE = 0.1;

const INPUTS = [
  ...['cpu', 'mem', 'swap', 'disk', 'diskio', 'net', 'netstat', 'system', 'processes', 'kernel', 'temp', 'internal'],
];
const { inputs, measurements, leftOut } = expectedFrom(INPUTS, { withOptions: false });
/** It stores numbers; strings are not checked. */
const names = measurements.flatMap(({ measurement, fields }) =>
  Object.entries(fields).flatMap(([field, type]) => (type === 'string' ? [] : [`${measurement}_${field}`])),
);
const victoriaTest = testWith(VICTORIA_METRICS);

let server: VictoriaMetrics;
let healthd: MonitoredHost;
let stop: (() => Promise<void>) | undefined;
let series: readonly ExportedSeries[] = [];

const named = (name: string, labels: Readonly<Record<string, string>> = {}) =>
  series.filter(({ metric }) =>
    Object.entries({ __name__: name, ...labels }).every(([key, value]) => metric[key] === value),
  );

/** Waits for three values of everything: usage of CPUs and disks is known from the second gather on. */
async function watch(): Promise<void> {
  const isThere = (name: string) => named(name).some(({ values }) => values.length >= 3);
  const query = async () => {
    series = await server.export(`{host="${HOST}"}`, 1);
    return names.every(isThere);
  };
  await waitFor(query, { timeout: 25_000, interval: 200 }).catch((error: unknown) => {
    const missing = names.filter((name) => !isThere(name));
    throw new Error(`No three values of ${missing.join(', ')}:\n${healthd.log()}`, { cause: error });
  });
}

beforeAll(async () => {
  if (findBinary(VICTORIA_METRICS.binary) === undefined) return;
  server = await startVictoriaMetrics();
  stop = () => server.stop();
  healthd = startMonitoredHost({
    inputs,
    outputs: [{ influxdb: { url: server.url, bucket: 'telegraf', org: 'ops' } }],
  });
  stop = () => healthd.stop().finally(() => server.stop());
  await healthd.during(watch());
}, 60_000);

afterAll(async () => {
  await stop?.();
}, 30_000);

for (const { what, lacks } of leftOut) test.skip(`${what} (this host has no ${lacks})`, () => undefined);

for (const { measurement, tags, fields } of measurements) {
  victoriaTest(`${measurement} has the fields and tags of Telegraf`, () => {
    for (const field of Object.keys(fields).filter((each) => names.includes(`${measurement}_${each}`))) {
      const found = named(`${measurement}_${field}`);
      expect(found).not.toEqual([]);
      for (const { metric } of found) expect(Object.keys(metric)).toEqual(expect.arrayContaining([...tags]));
    }
    return Promise.resolve();
  });
}

victoriaTest('values agree with free, nproc, df and the kernel', async () => {
  const mounts = new Set(named('disk_total').map(({ metric }) => metric['path'] ?? ''));
  const facts = await readHostFacts([...mounts]);
  expect(named('mem_total')[0]?.values.at(-1)).toBe(facts.memory.total);
  expect(named('system_n_cpus')[0]?.values.at(-1)).toBe(facts.cpus);
  for (const path of mounts) expect(named('disk_total', { path })[0]?.values.at(-1)).toBe(facts.disks.get(path)?.total);
  expect(Math.abs((named('kernel_boot_time')[0]?.values.at(-1) ?? 0) - facts.kernel.boot_time)).toBeLessThanOrEqual(1);
});

victoriaTest('usage of all CPUs adds up in every sample', () => {
  const usages = series.filter(
    ({ metric }) => /^cpu_usage_/.test(metric['__name__'] ?? '') && metric['cpu'] === 'cpu-total',
  );
  expect(usages).toHaveLength(10);
  const sums = new Map<number, number>();
  for (const { values, timestamps } of usages)
    timestamps.forEach((time, index) => sums.set(time, (sums.get(time) ?? 0) + values[index]!));
  for (const sum of sums.values()) expect(Math.abs(sum - 100)).toBeLessThan(SUM_TOLERANCE);
  return Promise.resolve();
});
