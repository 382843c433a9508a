/** The built command line as a daemon that monitors this host once a second. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startCli } from '../kit/cli.ts';
import { serverFolder } from '../servers/real-server.ts';

/** The tag `host` of all metrics. */
export const HOST = 'watched-host';

export interface MonitoredHost {
  /** The log so far. */
  log(): string;
  /** Refused lines with reasons; empty if there are none. */
  deadLetters(): string;
  /** Waits for the work while healthd runs. @throws if healthd exits first, with its output */
  during<Result>(work: Promise<Result>): Promise<Result>;
  /** @throws if healthd does not exit cleanly, with its output */
  stop(): Promise<void>;
}

export interface MonitoredHostSettings {
  readonly inputs: readonly (string | object)[];
  readonly outputs: readonly object[];
  readonly alerts?: object;
}

export function startMonitoredHost({ inputs, outputs, alerts }: MonitoredHostSettings): MonitoredHost {
  const folder = serverFolder('monitored-host');
  const config = join(folder.path, 'healthd.json');
  const agent = { interval: '1s', flush_interval: '1s', hostname: HOST, state_dir: folder.path };
  writeFileSync(config, JSON.stringify({ agent, inputs, outputs, alerts, notifiers: { terminal: 'console' } }));
  const cli = startCli(['run', '--config', config], { cwd: folder.path });
  const deadLetters = join(folder.path, 'dead-letter.lp');
  return {
    log: cli.stderr,
    deadLetters: () => (existsSync(deadLetters) ? readFileSync(deadLetters, 'utf8') : ''),
    during: (work) => {
      const ended = cli.finished.then(({ code, stderr }) => {
        throw new Error(`healthd ended with ${String(code)}:\n${stderr}`);
      });
      return Promise.race([work, ended]);
    },
    stop: async () => {
      const { code, stderr } = await cli.end();
      folder.remove();
      if (code !== 0) throw new Error(`healthd ended with ${String(code)}:\n${stderr}`);
    },
  };
}
