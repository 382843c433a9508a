/** The built agent and a real Prometheus, by scrape and by remote write. */
import { afterAll, beforeAll, expect } from '@jest/globals';

import { readHostFacts } from '../support/golden/host-facts.ts';
import { HOST, startMonitoredHost, type MonitoredHost } from '../support/golden/monitored-host.ts';
import { PROMETHEUS, startPrometheus, type Prometheus } from '../support/servers/prometheus.ts';
import { findBinary, freePort, testWith, waitFor } from '../support/servers/real-server.ts';

const PASSWORD = 'let-me-scrape';
const prometheusTest = testWith(PROMETHEUS);

let server: Prometheus;
let healthd: MonitoredHost;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  if (findBinary(PROMETHEUS.binary) === undefined) return;
  const address = `127.0.0.1:${await freePort()}`;
  server = await startPrometheus({
    targets: [{ address, job_name: 'healthd', basic_auth: { username: 'prometheus', password: PASSWORD } }],
    remoteWrite: true,
  });
  stop = () => server.stop();
  healthd = startMonitoredHost({
    inputs: ['cpu', 'mem', 'net', 'system', 'internal'].map((name) => ({ [name]: {} })),
    outputs: [
      { prometheus: { listen: address, username: 'prometheus', password: PASSWORD } },
      { prometheus_remote_write: { url: server.writeUrl } },
    ],
  });
  stop = () => healthd.stop().finally(() => server.stop());
}, 30_000);

afterAll(async () => {
  await stop?.();
}, 30_000);

/** Waits until the expression has a value. */
const ask = (expression: string) => healthd.during(server.queryUntil(expression, 1));

prometheusTest('Prometheus scrapes the target, which is up and has the metrics of this host', async () => {
  const isUp = async () => (await server.targets()).some(({ health }) => health === 'up');
  await healthd.during(waitFor(isUp, { what: 'The target is up' }));
  expect(await server.targets()).toMatchObject([{ health: 'up', lastError: '', labels: { job: 'healthd' } }]);
  const [idle] = await ask(`cpu_usage_idle{job="healthd",host="${HOST}",cpu="cpu-total"}`);
  expect(idle?.value).toBeGreaterThanOrEqual(0);
  expect(idle?.value).toBeLessThanOrEqual(100);
  const [memory] = await ask(`mem_total{job="healthd",host="${HOST}"}`);
  expect(memory?.value).toBe((await readHostFacts([])).memory.total);
});

prometheusTest('remote write has the same metrics, and rates of counters work', async () => {
  const written = await ask(`mem_total{job="",host="${HOST}"}`);
  expect(written.map(({ value }) => value)).toEqual([(await readHostFacts([])).memory.total]);
  const rates = await ask(`rate(net_bytes_recv{host="${HOST}",job="",interface!="all"}[30s])`);
  for (const { value } of rates) expect(value).toBeGreaterThanOrEqual(0);
  expect(healthd.deadLetters()).toBe('');
});
