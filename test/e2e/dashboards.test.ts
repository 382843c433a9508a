/** Every query of every dashboard, run on its databases over data of this host and a recorded Docker. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { grafanaContent } from '../../src/commands/grafana/content.ts';
import { allDashboards } from '../../src/grafana/export.ts';
import { listQueries, type DashboardQuery } from '../../src/grafana/list-queries.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';
import { serveEngine } from '../plugins/docker/engine-server.ts';
import { containerId, recordedEngine, workingStats } from '../plugins/docker/recorded-engine.ts';
import { needsOf, PANEL_NEEDS } from '../support/grafana/dashboard-needs.ts';
import { galleryQueries, NOT_HERE } from '../support/grafana/gallery.ts';
import { influxqlAsk, promqlAsk, type Ask } from '../support/grafana/grafana-answers.ts';
import { hostHas } from '../support/golden/host-abilities.ts';
import { INFLUXD, startInfluxd } from '../support/servers/influxd.ts';
import type { Ability } from '../support/golden/measurement-schema.ts';
import { HOST, startMonitoredHost, type MonitoredHost } from '../support/golden/monitored-host.ts';
import { PROMETHEUS, startPrometheus } from '../support/servers/prometheus.ts';
import { findBinary, freePort, testWith, waitFor, type Requirement } from '../support/servers/real-server.ts';
import { startVictoriaMetrics, VICTORIA_METRICS } from '../support/servers/victoria-metrics.ts';

const content = await grafanaContent();

interface PlacedQuery extends DashboardQuery {
  /** What a host needs to answer it. */
  readonly needs: Ability | undefined;
}

interface QueriedDashboard {
  readonly title: string;
  readonly queries: readonly PlacedQuery[];
}

const dashboardsOf = (source: 'influxql' | 'promql') =>
  allDashboards(content, source).map((dashboard): QueriedDashboard => ({
    title: withoutSource(dashboard.title),
    queries: listQueries(dashboard).map((query) => {
      const place = withoutSource(query.place);
      return { ...query, place, needs: needsOf(place) };
    }),
  }));

/** `Host detail, panel CPU, A`, whatever the database. */
function withoutSource(text: string): string {
  return text.replace(/ \(.*?\)/, '');
}

interface Database {
  readonly name: string;
  readonly requirement: Requirement;
  readonly dashboards: readonly QueriedDashboard[];
  /** Starts it. `output` is the healthd output that writes to it. */
  start(): Promise<{ readonly output: object; readonly ask: Ask; stop(): Promise<void> }>;
}

/** One host is chosen; all other variables are "All". */
const CHOSEN = { host: HOST };

const databases: readonly Database[] = [
  {
    name: 'InfluxDB 1',
    requirement: INFLUXD,
    dashboards: [...dashboardsOf('influxql'), { title: 'the gallery for Telegraf', queries: galleryQueries }],
    start: async () => {
      const server = await startInfluxd();
      const output = { influxdb: { alias: 'influxdb1', url: server.url, database: 'telegraf' } };
      return { output, ask: influxqlAsk(server, 'telegraf', CHOSEN), stop: server.stop };
    },
  },
  {
    name: 'Prometheus, which asks',
    requirement: PROMETHEUS,
    dashboards: dashboardsOf('promql'),
    start: async () => {
      const listen = `127.0.0.1:${await freePort()}`;
      const server = await startPrometheus({ targets: [listen] });
      return { output: { prometheus: { listen } }, ask: promqlAsk(server.url, CHOSEN), stop: server.stop };
    },
  },
  {
    name: 'Prometheus, which is written to',
    requirement: PROMETHEUS,
    dashboards: dashboardsOf('promql'),
    start: async () => {
      const server = await startPrometheus({ remoteWrite: true });
      const output = { prometheus_remote_write: { url: server.writeUrl } };
      return { output, ask: promqlAsk(server.url, CHOSEN), stop: server.stop };
    },
  },
  {
    name: 'VictoriaMetrics, written to as an InfluxDB',
    requirement: VICTORIA_METRICS,
    dashboards: dashboardsOf('promql'),
    start: async () => {
      const server = await startVictoriaMetrics();
      const output = { influxdb: { alias: 'victoria', url: server.url, bucket: 'telegraf', org: 'ops' } };
      return { output, ask: promqlAsk(server.url, CHOSEN), stop: server.stop };
    },
  },
];

/** Fires from the first gather on, in each level. */
const RULES = (['critical', 'warning', 'info'] as const).map((level) => ({
  id: `has_memory_${level}`,
  summary: 'There is memory in use on {{ host }}',
  metric: 'mem.used_percent',
  above: { [level]: { at: 0.01, clear: 0.001 } },
  for: '0s',
}));

const INPUTS = [
  ...['mem', 'swap', 'disk', 'diskio', 'netstat', 'processes', 'system', 'temp', 'internal', 'alerts', 'agent_log'],
  { cpu: { report_active: true } },
  { net: { protocol_counters: true } },
  { kernel: { collect: ['psi'] } },
];

const asks = new Map<string, Ask>();
let healthd: MonitoredHost | undefined;
const stops: (() => Promise<void>)[] = [];

/** Problems with the answers to these queries, by name. */
async function problems(ask: Ask, queries: readonly PlacedQuery[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const query of queries) {
    const { place, text, needs } = query;
    const isExpected = needs === undefined || hostHas(needs);
    const count = await ask(query).catch((error: unknown) => `${place}: ${String(error)}\n${text}`);
    if (typeof count === 'string') found.push(count);
    else if (isExpected && count === 0) found.push(`${place} has no rows:\n${text}`);
    else if (!isExpected && count > 0) found.push(`${place} has rows, although this host has no ${needs}`);
  }
  return found;
}

async function watch(): Promise<void> {
  const waiting = databases.flatMap(({ name, dashboards }) => {
    const ask = asks.get(name);
    return ask === undefined ? [] : dashboards.flatMap(({ queries }) => queries.map((query) => ({ ask, query })));
  });
  const isAnswered = async () => {
    while (waiting[0] !== undefined && (await problems(waiting[0].ask, [waiting[0].query])).length === 0)
      waiting.shift();
    return waiting.length === 0;
  };
  // The tests report the queries that are still unanswered.
  await waitFor(isAnswered, { timeout: 15_000, interval: 200 }).catch(() => undefined);
}

beforeAll(async () => {
  const outputs: object[] = [];
  for (const { name, requirement, start } of databases) {
    if (findBinary(requirement.binary) === undefined) continue;
    const { output, ask, stop } = await start();
    stops.unshift(stop);
    asks.set(name, ask);
    outputs.push(output);
  }
  if (outputs.length === 0) return;
  const engine = await serveEngine({
    ...recordedEngine(),
    [`/containers/${containerId('checked')}/stats`]: workingStats(),
  });
  stops.unshift(engine.close);
  healthd = startMonitoredHost({
    inputs: [...INPUTS, { docker: { endpoint: engine.endpoint, read_cgroups: false } }],
    outputs,
    alerts: { rules: RULES },
  });
  stops.unshift(healthd.stop);
  await healthd.during(watch());
}, 60_000);

afterAll(async () => {
  for (const stop of stops) await stop();
}, 30_000);

for (const { name, requirement, dashboards } of databases) {
  for (const { title, queries } of dashboards) {
    testWith(requirement)(`${name} answers all queries of "${title}"`, async () => {
      expect(await problems(asks.get(name)!, queries)).toEqual([]);
    });
  }
}

test('the agent logged no warning but those of the firing rules', () => {
  const lines = (healthd?.log() ?? '').split('\n');
  // At an interval of a second, a busy machine takes longer for some.
  const others = lines.filter((line) => !/Gather failed: The gather did not end within 1s$/.test(line));
  expect(others.join('\n')).not.toMatch(/ (warn|error) +\[(?!alerts\])/);
});

test('each entry of the table of needs is in the dashboards', () => {
  const places = databases.flatMap(({ dashboards }) =>
    dashboards.flatMap(({ queries }) => queries.map((each) => each.place)),
  );
  expect(PANEL_NEEDS.filter(({ name }) => !places.some((place) => `${place},`.startsWith(`${name},`)))).toEqual([]);
});

test('the gallery table leaves out only inputs that healthd does not have', () => {
  expect(builtInPlugins.names('input').filter((name) => NOT_HERE.includes(name))).toEqual([]);
});

const lacking = [...PANEL_NEEDS, ...galleryQueries.map(({ place, needs }) => ({ name: place, needs }))].filter(
  ({ needs }) => needs !== undefined && !hostHas(needs),
);
for (const { name, needs } of lacking)
  test.skip(`rows of ${name} (this host has no ${String(needs)})`, () => undefined);
