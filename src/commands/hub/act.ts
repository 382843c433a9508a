/** `healthd hub approve|revoke|forget`. */
import type { ActedAnswer, FleetAnswer } from '../../api/fleet.ts';

import { ConfigError } from '../../core/errors.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { print } from '../print.ts';

export interface HubActInput extends ConfigOptions {
  readonly host: string;
}

export interface HubRotateInput extends ConfigOptions {
  readonly host?: string;
  readonly all?: boolean;
}

/** `healthd hub rotate`. */
export function hubRotate({ host, all, ...options }: HubRotateInput, terminal: Terminal): Promise<ExitCode> {
  if ((host === undefined) === (all !== true)) throw new ConfigError('Name a host, or say --all');
  return withDaemon(options, terminal, async ({ client }) => {
    const { hosts } = (await client.get('/api/v1/fleet')) as FleetAnswer;
    const wanted = host === undefined ? hosts.filter(({ kind, isRevoked }) => kind === 'agent' && !isRevoked) : [];
    const names = host === undefined ? wanted.map(({ id }) => id) : [host];
    for (const name of names) await client.post(`/api/v1/fleet/hosts/${encodeURIComponent(name)}/rotate`, {});
    const who = names.length === 1 ? 'The host makes' : `${names.length} hosts make`;
    print(terminal.stdout, `${who} a new key with the next heartbeat; "healthd hub events" says when it is used`);
    return EXIT.ok;
  });
}

type Act = (input: HubActInput, terminal: Terminal) => Promise<ExitCode>;

export const hubApprove = acting('approve', 'was approved; it begins to send within a minute');
export const hubRevoke = acting('revoke', 'was revoked; the hub refuses it from now on');
export const hubForget = acting('forget', 'is forgotten');

function acting(what: string, done: string): Act {
  return ({ host, ...options }, terminal) =>
    withDaemon(options, terminal, async ({ client }) => {
      const path = `/api/v1/fleet/hosts/${encodeURIComponent(host)}/${what}`;
      const { name, suspended = [] } = (await client.post(path, {})) as ActedAnswer;
      print(terminal.stdout, `${name} ${done}`);
      for (const id of suspended)
        print(terminal.stdout, `Its clone ${id} waits for approval: "healthd hub approve ${id}" if you know it`);
      return EXIT.ok;
    });
}
