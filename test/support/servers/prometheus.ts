import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort, serverFolder, startServer, waitFor, type Requirement } from './real-server.ts';

export const PROMETHEUS: Requirement = { binary: 'prometheus', package: 'prometheus' };
/** Part of the same package. */
export const PROMTOOL: Requirement = { binary: 'promtool', package: 'prometheus' };

export interface PrometheusSettings {
  /** Targets scraped each second: host:port, or host:port with the rest of its `scrape_config`. */
  readonly targets?: readonly (string | ({ readonly address: string } & Readonly<Record<string, unknown>>))[];
  /** Accepts remote write. Default: false. */
  readonly remoteWrite?: boolean;
  /** Addresses that it sends its samples to by remote write, once a second. */
  readonly sendTo?: readonly string[];
  /** Out-of-order window, e.g. `24h`. Default: none. */
  readonly outOfOrder?: string;
}

export interface Sample {
  /** Labels, with `__name__`. */
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
}

export interface ScrapeTarget {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

export interface Prometheus {
  readonly url: string;
  /** The remote write endpoint. */
  readonly writeUrl: string;
  /** The samples of a selector such as `cpu_usage_idle[1h]`, or the current value of an expression, in time order. */
  query(expression: string): Promise<readonly Sample[]>;
  /** The same, once there are `expected` samples. */
  queryUntil(expression: string, expected: number): Promise<readonly Sample[]>;
  targets(): Promise<readonly ScrapeTarget[]>;
  stop(): Promise<void>;
}

export async function startPrometheus(settings: PrometheusSettings = {}): Promise<Prometheus> {
  const folder = serverFolder('prometheus');
  const url = `http://127.0.0.1:${await freePort()}`;
  const config = join(folder.path, 'prometheus.yml');
  writeFileSync(config, JSON.stringify(configOf(settings)));
  const server = await startServer({
    command: PROMETHEUS.binary,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=${url.replace('http://', '')}`,
      ...(settings.remoteWrite === true ? ['--web.enable-remote-write-receiver'] : []),
      '--log.level=warn',
    ],
    ready: async () => (await fetch(`${url}/-/ready`)).ok,
  });
  const query = async (expression: string) => samplesOf(await api(`${url}/api/v1/query`, { query: expression }));
  return {
    url,
    writeUrl: `${url}/api/v1/write`,
    query,
    queryUntil: async (expression, expected) => {
      let samples: readonly Sample[] = [];
      const areThere = async () => (samples = await query(expression)).length >= expected;
      await waitFor(areThere, { interval: 50, what: `${expected} samples of ${expression}` });
      return samples;
    },
    targets: async () => {
      const { activeTargets } = (await api(`${url}/api/v1/targets`, {})) as { activeTargets: readonly ScrapeTarget[] };
      return activeTargets;
    },
    stop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}

function configOf({ targets = [], sendTo = [], outOfOrder = '0s' }: PrometheusSettings): object {
  return {
    global: { scrape_interval: '1s' },
    storage: { tsdb: { out_of_order_time_window: outOfOrder } },
    scrape_configs: targets.map(scrapeConfig),
    remote_write: sendTo.map((url) => ({ url, queue_config: { batch_send_deadline: '1s', min_backoff: '100ms' } })),
  };
}

type Target = NonNullable<PrometheusSettings['targets']>[number];

function scrapeConfig(target: Target, index: number): object {
  const { address, ...rest } = typeof target === 'string' ? { address: target } : target;
  return { job_name: `job-${index}`, static_configs: [{ targets: [address] }], ...rest };
}

async function api(url: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  const answer = await fetch(`${url}?${new URLSearchParams(parameters).toString()}`);
  const { data, error } = (await answer.json()) as { readonly data?: unknown; readonly error?: string };
  if (error !== undefined) throw new Error(`${url} answered ${answer.status}: ${error}`);
  return data;
}

type Point = readonly [seconds: number, value: string];

interface QueryResult {
  readonly result: readonly {
    readonly metric: Sample['metric'];
    readonly value?: Point;
    readonly values?: readonly Point[];
  }[];
}

function samplesOf(data: unknown): readonly Sample[] {
  return (data as QueryResult).result
    .flatMap(({ metric, value, values = value === undefined ? [] : [value] }) =>
      values.map(([seconds, text]) => ({ metric, value: Number(text), time: Math.round(seconds * 1000) })),
    )
    .sort((a, b) => a.time - b.time);
}
