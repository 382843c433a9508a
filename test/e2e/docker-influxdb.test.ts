/** The built agent, a real Docker daemon and a real InfluxDB 1. docker.test.ts tests the values. */
import { afterAll, beforeAll, expect } from '@jest/globals';

import { canStartDocker, dockerTest, IMAGE, startDocker } from '../support/servers/docker.ts';
import { allowedType } from '../support/golden/expected-schema.ts';
import { INFLUXD, startInfluxd, type Influxd } from '../support/servers/influxd.ts';
import { startMonitoredHost } from '../support/golden/monitored-host.ts';
import { findBinary, testWith, waitFor } from '../support/servers/real-server.ts';
import { TELEGRAF } from '../support/golden/telegraf-schema.ts';

/** The test daemon has no networks, no swarm and no storage driver with its own pool. */
const MEASUREMENTS = ['docker', 'docker_container_status', 'docker_container_health', 'docker_disk_usage'].concat(
  ['mem', 'cpu', 'blkio'].map((kind) => `docker_container_${kind}`),
);

const canStart = canStartDocker && findBinary(INFLUXD.binary) !== undefined;
const realTest = canStartDocker ? testWith(INFLUXD) : dockerTest;

let server: Influxd;
const stops: (() => Promise<void>)[] = [];

async function column(query: string): Promise<readonly (readonly [string, string])[]> {
  const [series] = await server.query(query, { db: 'docker' });
  return (series?.values ?? []).map(([first, second]) => [String(first), String(second)]);
}

beforeAll(async () => {
  if (!canStart) return;
  const docker = await startDocker();
  stops.unshift(docker.stop);
  server = await startInfluxd();
  stops.unshift(server.stop);
  const options = ['--health-cmd', 'test -e /bin/sh', '--health-interval', '1s', '--memory', '64m', '--cpus', '0.5'];
  await docker.docker('run', '--detach', '--name', 'watched', ...options, IMAGE, 'sleep', '600');
  const healthd = startMonitoredHost({
    inputs: [
      {
        docker: {
          endpoint: docker.endpoint,
          perdevice_include: ['cpu', 'blkio', 'network'],
          storage_objects: ['container', 'image', 'volume'],
        },
      },
    ],
    outputs: [{ influxdb: { url: server.url, database: 'docker' } }],
  });
  stops.unshift(healthd.stop);
  // Usage is known from the second gather on, as is everything else.
  const percent = () => column('SELECT usage_percent FROM docker_container_cpu');
  const health = () => column('SELECT health_status FROM docker_container_health');
  const isThere = async () => (await percent()).length >= 2 && (await health()).length >= 2;
  await healthd.during(waitFor(isThere, { timeout: 25_000, interval: 100, what: 'The third gather' }));
}, 100_000);

afterAll(async () => {
  const results = [];
  for (const stop of stops) results.push(await Promise.allSettled([stop()]));
  expect(results.flat().filter(({ status }) => status === 'rejected')).toEqual([]);
}, 60_000);

for (const measurement of MEASUREMENTS) {
  realTest(`${measurement} has the fields, types and tags of Telegraf`, async () => {
    const schema = TELEGRAF[measurement]!;
    const fields = await column(`SHOW FIELD KEYS FROM "${measurement}"`);
    expect(Object.fromEntries(fields)).toMatchObject(schema.fields);
    expect(fields.filter(([field, type]) => allowedType(schema, field) !== type)).toEqual([]);
    const tags = (await column(`SHOW TAG KEYS FROM "${measurement}"`)).map(([key]) => key);
    expect(tags).toEqual(expect.arrayContaining([...schema.tags]));
    expect(tags.filter((tag) => ![...schema.tags, ...(schema.sometimes?.tags ?? [])].includes(tag))).toEqual([]);
  });
}

realTest('panels about containers get rows', async () => {
  const recent = 'time > now() - 5m GROUP BY time(10s), "container_name" fill(none)';
  const queries = [
    `SELECT mean("usage_percent") FROM "docker_container_cpu" WHERE "cpu" = 'cpu-total' AND ${recent}`,
    `SELECT mean("usage"), mean("limit"), mean("usage_percent") FROM "docker_container_mem" WHERE ${recent}`,
    `SELECT last("uptime_ns") FROM "docker_container_status" WHERE "container_status" = 'running' AND ${recent}`,
    'SELECT last("n_containers_running"), last("n_images"), last("memory_total") FROM "docker"',
    'SHOW TAG VALUES FROM "docker_container_cpu" WITH KEY = "container_name"',
  ];
  for (const query of queries) {
    const series = await server.query(query, { db: 'docker' });
    expect([query, ...series.flatMap(({ values }) => values)].length).toBeGreaterThan(1);
    expect(series.flatMap(({ values }) => values).filter((row) => row.includes(null))).toEqual([]);
  }
});
