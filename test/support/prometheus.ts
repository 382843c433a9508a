import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort, serverFolder, startServer, type Requirement } from './real-server.ts';

export const PROMETHEUS: Requirement = { binary: 'prometheus', package: 'prometheus' };

export interface PrometheusSettings {
  /** `host:port` of what it asks for metrics, once a second. */
  readonly targets?: readonly string[];
}

export interface Prometheus {
  readonly url: string;
  stop(): Promise<void>;
}

/** It takes remote writes too. */
export async function startPrometheus({ targets = [] }: PrometheusSettings = {}): Promise<Prometheus> {
  const folder = serverFolder('prometheus');
  const url = `http://127.0.0.1:${await freePort()}`;
  const file = join(folder.path, 'prometheus.yml');
  // YAML is a superset of JSON.
  const jobs = targets.length === 0 ? [] : [{ job_name: 'healthd', static_configs: [{ targets }] }];
  writeFileSync(file, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: jobs }));
  const server = await startServer({
    command: PROMETHEUS.binary,
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=${url.replace('http://', '')}`,
      '--web.enable-remote-write-receiver',
      '--log.level=warn',
    ],
    ready: async () => (await fetch(`${url}/-/ready`)).ok,
  });
  return {
    url,
    stop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}
