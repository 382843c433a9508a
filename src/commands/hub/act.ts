/** `healthd hub approve|revoke|forget`. */
import type { ActedAnswer } from '../../api/fleet.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { print } from '../print.ts';

export interface HubActInput extends ConfigOptions {
  readonly host: string;
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
