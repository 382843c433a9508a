/** `healthd hub backup` and `healthd hub restore`. */
import { resolve } from 'node:path';

import { systemClock } from '../../core/clock.ts';
import { backUpHub, restoreHub } from '../../hub/copy.ts';
import { OWN_CERTIFICATE_FILE } from '../../server/net/own-certificate.ts';

import { humanAge, humanBytes } from '../columns.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { print } from '../print.ts';
import { withState } from '../state.ts';
import { whileStopped } from '../stopped-agent.ts';

export interface HubCopyInput extends ConfigOptions {
  readonly file: string;
}

export function hubBackup(input: HubCopyInput, terminal: Terminal): Promise<ExitCode> {
  return withState(input, terminal, ({ config }) => {
    const file = resolve(terminal.cwd, input.file);
    const bytes = backUpHub({ stateDirectory: config.agent.state_dir, certificate: OWN_CERTIFICATE_FILE }, file);
    print(terminal.stdout, `${file} has the hosts of the hub, ${humanBytes(bytes)}; keep it as secret as a key`);
    return Promise.resolve(EXIT.ok);
  });
}

export function hubRestore(input: HubCopyInput, terminal: Terminal): Promise<ExitCode> {
  return withState(input, terminal, async ({ config }) => {
    const stateDirectory = config.agent.state_dir;
    const file = resolve(terminal.cwd, input.file);
    const now = systemClock.now();
    const { hosts, heardAt, aside } = await whileStopped(stateDirectory, () =>
      restoreHub({ stateDirectory, certificate: OWN_CERTIFICATE_FILE }, file, now),
    );
    const age = heardAt === undefined ? '' : `, as they were ${humanAge(now - heardAt)} ago`;
    print(terminal.stdout, `The hub has the ${hosts} hosts of ${file} now${age}`);
    print(
      terminal.stdout,
      'Hosts that joined later have to join again, those that were revoked later have to be revoked again; join tokens have ended',
    );
    for (const path of aside)
      print(terminal.stdout, `${path} is what was there before; delete it when it is not needed`);
    return EXIT.ok;
  });
}
