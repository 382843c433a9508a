/** `healthd history restore`. */
import { resolve } from 'node:path';

import { systemClock } from '../../core/clock.ts';
import { restore } from '../../history/copy.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { print } from '../print.ts';
import { withState } from '../state.ts';
import { whileStopped } from '../stopped-agent.ts';

export interface RestoreOptions extends ConfigOptions {
  readonly file: string;
}

export function historyRestore(options: RestoreOptions, terminal: Terminal): Promise<ExitCode> {
  return withState(options, terminal, async ({ config }) => {
    const folder = config.agent.state_dir;
    const file = resolve(terminal.cwd, options.file);
    const aside = await whileStopped(folder, () => restore(folder, file, systemClock.now()));
    print(terminal.stdout, `The history is that of ${file} now`);
    if (aside !== undefined)
      print(terminal.stdout, `The one before is kept in ${aside}; delete it when it is not needed`);
    return EXIT.ok;
  });
}
