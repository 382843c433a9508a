import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort, serverFolder, startServer, type Requirement } from './real-server.ts';

export const ALERTMANAGER: Requirement = { binary: 'prometheus-alertmanager', package: 'prometheus-alertmanager' };

/** An alert of `GET /api/v2/alerts`. */
export interface HeldAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

export interface Alertmanager {
  readonly url: string;
  /** Alerts that it holds as firing. */
  firing(): Promise<readonly HeldAlert[]>;
  stop(): Promise<void>;
}

/** @param hook webhook that gets firing and resolved notifications without delay */
export async function startAlertmanager(hook: string): Promise<Alertmanager> {
  const folder = serverFolder('alertmanager');
  const url = `http://127.0.0.1:${await freePort()}`;
  const config = join(folder.path, 'alertmanager.yml');
  writeFileSync(
    config,
    JSON.stringify({
      route: { receiver: 'hook', group_wait: '0s', group_interval: '1s', group_by: ['...'] },
      receivers: [{ name: 'hook', webhook_configs: [{ url: hook }] }],
    }),
  );
  const server = await startServer({
    command: ALERTMANAGER.binary,
    args: [
      `--config.file=${config}`,
      `--storage.path=${folder.path}`,
      `--web.listen-address=${url.replace('http://', '')}`,
      '--cluster.listen-address=',
    ],
    ready: async () => (await fetch(`${url}/-/ready`)).ok,
  });
  return {
    url,
    firing: async () => (await (await fetch(`${url}/api/v2/alerts?active=true`)).json()) as readonly HeldAlert[],
    stop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}
