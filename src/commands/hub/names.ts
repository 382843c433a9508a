/** `healthd hub rename` and `healthd hub label`. */
import type { ActedAnswer, FleetAnswer } from '../../api/fleet.ts';
import { ConfigError } from '../../core/errors.ts';
import type { ControlClient } from '../../server/client.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { print } from '../print.ts';

export interface HubRenameInput extends ConfigOptions {
  readonly host: string;
  readonly name?: string;
}

export function hubRename({ host, name = '', ...options }: HubRenameInput, terminal: Terminal): Promise<ExitCode> {
  return post(options, terminal, `${encodeURIComponent(host)}/rename`, { name }, ({ name: shown }) =>
    name === ''
      ? `The host is called ${shown} again`
      : `The host is called ${shown} now; its metrics keep their tag host`,
  );
}

export interface HubLabelInput extends ConfigOptions {
  readonly host: string;
  /** `key=value`; `key=` takes one away. */
  readonly labels: readonly string[];
}

export function hubLabel({ host, labels, ...options }: HubLabelInput, terminal: Terminal): Promise<ExitCode> {
  const body = { labels: Object.fromEntries(labels.map(pairOf)) };
  return post(options, terminal, `${encodeURIComponent(host)}/labels`, body, async ({ id, name }, client) => {
    const { hosts } = (await client.get('/api/v1/fleet')) as FleetAnswer;
    return `${name}: ${labelsText(hosts.find((each) => each.id === id)?.labels ?? {})}`;
  });
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? 'no labels' : pairs.sort().join(' ');
}

/** @throws ConfigError */
function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new ConfigError(`Write labels as key=value, or key= to take one away, not "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function post(
  options: ConfigOptions,
  terminal: Terminal,
  path: string,
  body: unknown,
  done: (acted: ActedAnswer, client: ControlClient) => string | Promise<string>,
): Promise<ExitCode> {
  return withDaemon(options, terminal, async ({ client }) => {
    const acted = (await client.post(`/api/v1/fleet/hosts/${path}`, body)) as ActedAnswer;
    print(terminal.stdout, await done(acted, client));
    return EXIT.ok;
  });
}
