import { freePort, serverFolder, startServer, waitFor, type Requirement } from './real-server.ts';

/** Speaks the write APIs of InfluxDB 1 and 2, Prometheus, Graphite, OpenTSDB and Datadog. */
export const VICTORIA_METRICS: Requirement = { binary: 'victoria-metrics', package: 'victoria-metrics' };

export interface VictoriaMetricsSettings {
  readonly username?: string;
  readonly password?: string;
  /** Opens a port for Graphite's plaintext protocol. */
  readonly graphite?: boolean;
}

export interface VictoriaMetrics {
  readonly url: string;
  /** Port of Graphite's plaintext protocol; 0 without it. */
  readonly graphitePort: number;
  /** Stored series of a selector, e.g. `{__name__=~"cpu_.*"}`; waits until there are `expected` series. */
  export(match: string, expected: number): Promise<readonly ExportedSeries[]>;
  stop(): Promise<void>;
}

export interface ExportedSeries {
  /** Labels; `__name__` is measurement and field joined by an underscore. */
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  /** Milliseconds. */
  readonly timestamps: readonly number[];
}

export async function startVictoriaMetrics(settings: VictoriaMetricsSettings = {}): Promise<VictoriaMetrics> {
  const { username, password = '', graphite = false } = settings;
  const folder = serverFolder('victoria-metrics');
  const url = `http://127.0.0.1:${await freePort()}`;
  const graphitePort = graphite ? await freePort() : 0;
  const credentials = Buffer.from(`${username ?? ''}:${password}`).toString('base64');
  const headers: Record<string, string> = username === undefined ? {} : { authorization: `Basic ${credentials}` };
  const server = await startServer({
    command: VICTORIA_METRICS.binary,
    args: [
      `-storageDataPath=${folder.path}`,
      `-httpListenAddr=${url.replace('http://', '')}`,
      '-retentionPeriod=1',
      '-search.latencyOffset=0s',
      ...(graphite ? [`-graphiteListenAddr=127.0.0.1:${graphitePort}`] : []),
      ...(username === undefined ? [] : [`-httpAuth.username=${username}`, `-httpAuth.password=${password}`]),
    ],
    ready: async () => (await fetch(`${url}/health`, { headers })).ok,
  });
  return {
    url,
    graphitePort,
    export: async (match, expected) => {
      let series: readonly ExportedSeries[] = [];
      await waitFor(
        async () => {
          await fetch(`${url}/internal/force_flush`, { headers });
          series = await exported(
            `${url}/api/v1/export?${new URLSearchParams({ 'match[]': match }).toString()}`,
            headers,
          );
          return series.length >= expected;
        },
        { interval: 100, what: `${expected} series of ${match}` },
      );
      return series;
    },
    stop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}

async function exported(url: string, headers: Record<string, string>): Promise<readonly ExportedSeries[]> {
  const text = await (await fetch(url, { headers })).text();
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as ExportedSeries);
}
