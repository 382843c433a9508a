import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort, serverFolder, startServer, type Requirement } from './real-server.ts';

/** InfluxDB 1, as packaged by Debian. */
export const INFLUXD: Requirement = { binary: 'influxd', package: 'influxdb' };

export interface InfluxdSettings {
  /** Requires credentials. The first user, an administrator, can be created without. */
  readonly auth?: boolean;
  /** Bytes; larger requests get 413. Default: that of the server. */
  readonly maxBodySize?: number;
}

export interface Influxd {
  readonly url: string;
  /** Runs InfluxQL and returns the series of its first statement. @throws the server's error */
  query(statement: string, options?: QueryOptions): Promise<readonly Series[]>;
  /** Stops the process; data and port are kept for `resume`. */
  halt(): Promise<void>;
  /** Starts it again on the same data and port. Resolves when it answers. */
  resume(): Promise<void>;
  /** Stops the process and removes its data. */
  stop(): Promise<void>;
}

export interface QueryOptions {
  readonly db?: string;
  readonly user?: string;
  readonly password?: string;
}

export interface Series {
  readonly name: string;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | boolean | null)[])[];
}

interface Answer {
  readonly error?: string;
  readonly results?: readonly { readonly error?: string; readonly series?: readonly Series[] }[];
}

export async function startInfluxd(settings: InfluxdSettings = {}): Promise<Influxd> {
  const folder = serverFolder('influxd');
  const [port, rpcPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const file = join(folder.path, 'influxdb.conf');
  for (const name of ['meta', 'data', 'wal']) mkdirSync(join(folder.path, name));
  writeFileSync(file, configuration(folder.path, port, rpcPort, settings));
  const start = () =>
    startServer({
      command: INFLUXD.binary,
      args: ['run', '-config', file],
      ready: async () => (await fetch(`${url}/ping`)).status === 204,
    });
  let server = await start();
  return {
    url,
    query: (statement, options = {}) => query(url, statement, options),
    halt: () => server.stop(),
    resume: async () => {
      server = await start();
    },
    stop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}

function configuration(folder: string, port: number, rpcPort: number, settings: InfluxdSettings): string {
  const { auth = false, maxBodySize = 25_000_000 } = settings;
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = ${String(auth)}
  log-enabled = false
  max-body-size = ${maxBodySize}
`;
}

async function query(url: string, statement: string, options: QueryOptions): Promise<readonly Series[]> {
  const { db, user, password = '' } = options;
  const parameters = new URLSearchParams({ q: statement, epoch: 'ns', ...(db === undefined ? {} : { db }) });
  const authorization = `Basic ${Buffer.from(`${user ?? ''}:${password}`).toString('base64')}`;
  const response = await fetch(`${url}/query`, {
    method: 'POST',
    body: parameters,
    headers: user === undefined ? {} : { authorization },
  });
  const answer = (await response.json()) as Answer;
  const problem = answer.error ?? answer.results?.[0]?.error;
  if (problem !== undefined) throw new Error(`${statement}: ${problem}`);
  return answer.results?.[0]?.series ?? [];
}
