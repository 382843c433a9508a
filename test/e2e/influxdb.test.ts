/** The built agent and a real InfluxDB 1, compared with `df`, `free`, sysfs and /proc/stat of the same host. */
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { DASHBOARD_QUERIES } from '../support/grafana/dashboard-queries.ts';
import { allowedType, expectedFrom } from '../support/golden/expected-schema.ts';
import { hostHas } from '../support/golden/host-abilities.ts';
import { readCpu, readHostFacts, type CpuTime, type HostFacts } from '../support/golden/host-facts.ts';
import { INFLUXD, startInfluxd, type Influxd } from '../support/servers/influxd.ts';
import type { Ability } from '../support/golden/measurement-schema.ts';
import { HOST, startMonitoredHost, type MonitoredHost } from '../support/golden/monitored-host.ts';
import { findBinary, testWith, waitFor } from '../support/servers/real-server.ts';
import { TELEGRAF } from '../support/golden/telegraf-schema.ts';

const MiB = 1024 * 1024;

/** Other programs allocate and free between two readings. */
const MEMORY_TOLERANCE = { bytes: 64 * MiB, share: 0.05 };
/** Other programs write and delete files between two readings; those of a build are this large. */
const DISK_TOLERANCE = 64 * MiB;
const SWAP_TOLERANCE = 16 * MiB;
/** Ten values, each rounded to four decimals. */
const SUM_TOLERANCE = 0.1;
/** Percentage points: the window of three seconds begins and ends when the gather runs, some tens of ms late. */
const IDLE_TOLERANCE = 5;
/** Seconds: the kernel derives the boot time from two clocks and rounds it. */
const BOOT_TOLERANCE = 1;
const UPTIME_TOLERANCE = 3;
/** The kernel updates it every five seconds, by a twelfth of the running programs. */
const LOAD_TOLERANCE = 0.5;
/** ms: the kernel reads its clocks once for a device and again for an operation in progress. */
const IO_TIME_TOLERANCE = 10;

const WINDOW_SECONDS = 3;
const SAMPLE_MS = 25;

const INPUTS = [
  ...['cpu', 'mem', 'swap', 'disk', 'diskio', 'net', 'netstat', 'system', 'processes', 'kernel', 'temp', 'internal'],
];
const { inputs, measurements, leftOut } = expectedFrom(INPUTS, { withOptions: true });
const influxTest = testWith(INFLUXD);

/** Skips the test, by name, if the host lacks the ability. */
function testOn(ability: Ability | undefined, title: string, body: () => Promise<void>): void {
  if (ability === undefined || hostHas(ability)) influxTest(title, body);
  else test.skip(`${title} (this host has no ${ability})`, body);
}

type Row = Readonly<Record<string, string | number | boolean | null>> & { readonly time: number };

interface CpuSample extends CpuTime {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

let server: Influxd;
let healthd: MonitoredHost;
let stop: (() => Promise<void>) | undefined;
/** Readings before and after a gather; the first point after `since` was gathered in between. */
let before: HostFacts;
let after: HostFacts;
let since: number;
const samples: CpuSample[] = [];

/** Points of a measurement in time order. @param from nanoseconds */
async function rowsOf(measurement: string, from = 0): Promise<readonly Row[]> {
  const [series] = await server.query(`SELECT * FROM "${measurement}" WHERE time > ${from} ORDER BY time`, {
    db: 'telegraf',
  });
  if (series === undefined) return [];
  return series.values.map(
    (values) => Object.fromEntries(series.columns.map((column, index) => [column, values[index]])) as unknown as Row,
  );
}

/** The first point of each series that was gathered between the two readings. */
async function measured(measurement: string, tag = 'host'): Promise<ReadonlyMap<string, Row>> {
  const first = new Map<string, Row>();
  for (const row of await rowsOf(measurement, since)) {
    const key = String(row[tag]);
    // A measurement may come in several lines with the same tags; their fields are one row for InfluxDB.
    if (!first.has(key)) first.set(key, row);
  }
  expect([...first.keys()]).not.toEqual([]);
  return first;
}

async function host(measurement: string): Promise<Row> {
  const row = (await measured(measurement)).get(HOST);
  expect(row).toBeDefined();
  return row!;
}

/** Waits until each measurement has `count` gathers after `from`. */
async function gathers(count: number, from = 0): Promise<void> {
  for (const { measurement } of measurements) {
    await waitFor(async () => new Set((await rowsOf(measurement, from)).map(({ time }) => time)).size >= count, {
      timeout: 20_000,
      interval: 100,
      what: `Gather ${count} of ${measurement}`,
    });
  }
}

async function mountPoints(): Promise<string[]> {
  return [...new Set((await rowsOf('disk')).map((row) => String(row['path'])))];
}

/** Waits for three gathers of everything, then takes the readings that the tests compare. */
async function watch(): Promise<void> {
  // The first write creates the database.
  await waitFor(async () => (await rowsOf('mem')).length > 0, { timeout: 20_000, what: 'The first write' });
  await gathers(3);
  const mounts = await mountPoints();
  before = await readHostFacts(mounts);
  since = Date.now() * 1_000_000;
  const sampler = setInterval(() => samples.push({ at: Date.now(), ...readCpu() }), SAMPLE_MS);
  try {
    await gathers(1, since);
    after = await readHostFacts(mounts);
    await sleep(Math.max(0, since / 1_000_000 + (WINDOW_SECONDS + 1) * 1000 - Date.now()));
  } finally {
    clearInterval(sampler);
  }
  await gathers(WINDOW_SECONDS + 1, since);
}

beforeAll(async () => {
  if (findBinary(INFLUXD.binary) === undefined) return;
  server = await startInfluxd();
  stop = () => server.stop();
  healthd = startMonitoredHost({ inputs, outputs: [{ influxdb: { url: server.url, database: 'telegraf' } }] });
  stop = () => healthd.stop().finally(() => server.stop());
  await healthd.during(watch());
}, 60_000);

afterAll(async () => {
  await stop?.();
}, 30_000);

describe('schema', () => {
  for (const { what, lacks } of leftOut) test.skip(`${what} (this host has no ${lacks})`, () => undefined);

  for (const { measurement, tags, fields } of measurements) {
    influxTest(`${measurement} has the fields, types and tags of Telegraf`, async () => {
      const [keys] = await server.query(`SHOW FIELD KEYS FROM "${measurement}"`, { db: 'telegraf' });
      const found = (keys?.values ?? []).map(([field, type]) => [String(field), String(type)] as const);
      expect(Object.fromEntries(found)).toMatchObject(fields);
      const schema = TELEGRAF[measurement]!;
      // One row for each type that a field has: a field with two would not be equal in one of them.
      expect(found.filter(([field, type]) => allowedType(schema, field) !== type)).toEqual([]);

      const [tagKeys] = await server.query(`SHOW TAG KEYS FROM "${measurement}"`, { db: 'telegraf' });
      const foundTags = (tagKeys?.values ?? []).map(([key]) => String(key));
      expect(foundTags).toEqual(expect.arrayContaining([...tags]));
      expect(foundTags.filter((tag) => ![...tags, ...(schema.sometimes?.tags ?? [])].includes(tag))).toEqual([]);
    });
  }

  influxTest('no measurement is missing from the table', async () => {
    const [series] = await server.query('SHOW MEASUREMENTS', { db: 'telegraf' });
    const found = (series?.values ?? []).map(([name]) => String(name));
    expect(found.sort()).toEqual(measurements.map(({ measurement }) => measurement).sort());
  });

  influxTest('every point carries the host, and every field of every measurement has a value', async () => {
    for (const { measurement, tags, fields } of measurements) {
      const rows = await rowsOf(measurement);
      expect(new Set(rows.map((row) => row['host']))).toEqual(new Set([HOST]));
      const empty = [...Object.keys(fields), ...tags].filter((column) =>
        rows.every((row) => (row[column] ?? '') === ''),
      );
      expect({ measurement, empty }).toEqual({ measurement, empty: [] });
    }
  });

  influxTest('no line was refused, and the agent logged no warning', async () => {
    expect(healthd.deadLetters()).toBe('');
    const own = await host('internal_agent');
    expect(own).toMatchObject({ metrics_rejected: 0, metrics_dropped: 0, write_errors: 0, gather_errors: 0 });
    expect(healthd.log()).not.toMatch(/ (warn|error) |Warning/);
  });
});

/** The range of a value that was read between two others. */
function expectBetween(value: unknown, one: number, other: number, tolerance = 0): void {
  expect(value).toEqual(expect.any(Number));
  expect(value).toBeGreaterThanOrEqual(Math.min(one, other) - tolerance);
  expect(value).toBeLessThanOrEqual(Math.max(one, other) + tolerance);
}

describe('values', () => {
  influxTest('CPU usage adds up, and agrees with /proc/stat over the same window', async () => {
    const rows = await rowsOf('cpu', since);
    for (const row of rows) {
      const sum = Object.keys(TELEGRAF['cpu']!.fields).reduce((total, field) => total + Number(row[field]), 0);
      expect(Math.abs(sum - 100)).toBeLessThan(SUM_TOLERANCE);
      expect(Math.abs(Number(row['usage_active']) + Number(row['usage_idle']) - 100)).toBeLessThan(SUM_TOLERANCE);
    }
    // The first point covers a second that began before the samples.
    const [start, ...points] = rows.filter((row) => row['cpu'] === 'cpu-total').slice(0, WINDOW_SECONDS + 1);
    const nearest = (time: number) =>
      samples.reduce((best, each) => (Math.abs(each.at - time) < Math.abs(best.at - time) ? each : best));
    const [from, to] = [nearest(start!.time / 1e6), nearest(points.at(-1)!.time / 1e6)];
    const idle = (100 * (to.idle - from.idle)) / (to.total - from.total);
    const mean = points.reduce((sum, row) => sum + Number(row['usage_idle']), 0) / points.length;
    expect(points).toHaveLength(WINDOW_SECONDS);
    expect(Math.abs(mean - idle)).toBeLessThan(IDLE_TOLERANCE);
  });

  influxTest('CPU time lies between two readings', async () => {
    const total = (await measured('cpu', 'cpu')).get('cpu-total');
    expectBetween(total?.['time_idle'], before.cpuIdle, after.cpuIdle);
  });

  influxTest('memory agrees with free', async () => {
    const mem = await host('mem');
    const { total } = before.memory;
    const tolerance = Math.max(MEMORY_TOLERANCE.bytes, MEMORY_TOLERANCE.share * total);
    const available = [before.memory.available, after.memory.available] as const;
    expect(mem['total']).toBe(total);
    expectBetween(mem['available'], ...available, tolerance);
    expectBetween(mem['used'], total - available[0], total - available[1], tolerance);
    expect(mem['used_percent']).toBeCloseTo((100 * Number(mem['used'])) / total, 3);
    expect(mem['available_percent']).toBeCloseTo((100 * Number(mem['available'])) / total, 3);
  });

  influxTest('swap agrees with free', async () => {
    const swap = await host('swap');
    expect(swap['total']).toBe(before.swap.total);
    expectBetween(swap['used'], before.swap.used, after.swap.used, SWAP_TOLERANCE);
    expectBetween(swap['free'], before.swap.free, after.swap.free, SWAP_TOLERANCE);
  });

  testOn('file systems', 'each file system agrees with df', async () => {
    for (const [path, disk] of await measured('disk', 'path')) {
      const [one, other] = [before.disks.get(path)!, after.disks.get(path)!];
      expect(disk['total']).toBe(one.total);
      expectBetween(disk['used'], one.used, other.used, DISK_TOLERANCE);
      expectBetween(disk['free'], one.free, other.free, DISK_TOLERANCE);
      const [used, free] = [Number(disk['used']), Number(disk['free'])];
      expect(disk['used_percent']).toBeCloseTo((100 * used) / (used + free), 3);
    }
  });

  testOn('block devices', 'counters of disks lie between two readings of sysfs', async () => {
    const disks = [...(await measured('diskio', 'name'))].filter(([name]) => before.blockDevices.has(name));
    expect(disks).not.toEqual([]);
    for (const [name, row] of disks) {
      const [one, other] = [before.blockDevices.get(name)!, after.blockDevices.get(name)!];
      for (const [field, value] of Object.entries(one))
        expectBetween(row[field], value, other[field]!, field.endsWith('time') ? IO_TIME_TOLERANCE : 0);
    }
  });

  testOn('network interfaces', 'counters of interfaces lie between two readings of sysfs', async () => {
    const rows = await measured('net', 'interface');
    rows.forEach((row, name) => {
      const [one, other] = [before.interfaces.get(name) ?? {}, after.interfaces.get(name) ?? {}];
      for (const [field, value] of Object.entries(one)) expectBetween(row[field], value, other[field]!);
    });
    expect([...rows.keys()].filter((name) => before.interfaces.has(name))).not.toEqual([]);
  });

  influxTest('counters of the kernel lie between two readings', async () => {
    const kernel = await host('kernel');
    for (const field of ['context_switches', 'interrupts', 'processes_forked'] as const)
      expectBetween(kernel[field], before.kernel[field], after.kernel[field]);
    expectBetween(kernel['boot_time'], before.kernel.boot_time, after.kernel.boot_time, BOOT_TOLERANCE);
  });

  influxTest('load, uptime and number of CPUs agree with the kernel and nproc', async () => {
    const system = await host('system');
    expect(system['n_cpus']).toBe(before.cpus);
    expectBetween(system['load1'], before.load1, after.load1, LOAD_TOLERANCE);
    expectBetween(system['uptime'], before.uptime, after.uptime, UPTIME_TOLERANCE);
    const minutes = String(Math.floor((Number(system['uptime']) % 3600) / 60)).padStart(2, '0');
    expect(system['uptime_format']).toMatch(new RegExp(`^(\\d+ days?, )?[ \\d]\\d:${minutes}$`));
  });
});

describe('dashboards', () => {
  for (const { panel, needs, query } of DASHBOARD_QUERIES) {
    testOn(needs, `${panel} is answered with rows`, async () => {
      const series = await server.query(query, { db: 'telegraf' });
      const values = series.flatMap(({ columns, values }) =>
        values.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]]))),
      );
      expect(values.length).toBeGreaterThan(0);
      const columns = series[0]!.columns.filter((column) => column !== 'time');
      const empty = columns.filter((column) => values.every((row) => row[column] === null));
      expect(empty).toEqual([]);
    });
  }
});
