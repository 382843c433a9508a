/** `healthd history backup`. */
import { resolve } from 'node:path';

import { backUp } from '../../history/copy.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { humanBytes } from '../columns.ts';
import { print } from '../print.ts';
import { withHistory } from './open.ts';

export interface BackupOptions extends ConfigOptions {
  readonly file: string;
}

export function historyBackup(options: BackupOptions, terminal: Terminal): Promise<ExitCode> {
  return withHistory(options, terminal, ({ reader, config }) => {
    const file = resolve(terminal.cwd, options.file);
    const bytes = backUp(config.agent.state_dir, reader, file);
    print(terminal.stdout, `${file} has the history, ${humanBytes(bytes)}`);
    return Promise.resolve(EXIT.ok);
  });
}
