/** `healthd journal forget`: drops the cursor of a removed output, and the lines kept for it. */
import { unlink } from 'node:fs/promises';

import { journalDirectory } from '../../journal/part.ts';
import { ConfigError } from '../../core/errors.ts';
import { cursorPath } from '../../journal/cursor-files.ts';
import { inspectJournal } from '../../journal/inspect.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';

import { counted } from '../columns.ts';
import { listed, withState } from '../state.ts';
import { print } from '../print.ts';

export interface ForgetInput extends ConfigOptions {
  /** The name of a cursor. */
  readonly name: string;
}

export function journalForget({ name, ...options }: ForgetInput, terminal: Terminal): Promise<ExitCode> {
  return withState(options, terminal, async ({ config }) => {
    const directory = journalDirectory(config.agent.state_dir);
    const view = await inspectJournal(directory);
    const cursors = view?.cursors ?? [];
    const cursor = cursors.find((each) => each.name === name);
    if (cursor === undefined)
      throw new ConfigError(
        `The journal at ${directory} has no cursor "${name}"; cursors: ${listed(cursors.map((each) => each.name))}`,
      );
    if (view?.holder !== undefined && config.outputs.some(({ alias }) => alias === name))
      throw new ConfigError(
        `${name} is a configured output in use by process ${view.holder}; remove it from the configuration, reload (healthd reload), and try again`,
      );
    await unlink(cursorPath(directory, name));
    const { lines } = cursor.lag;
    const dropped = lines === 0 ? 'no unsent lines' : `dropped ${counted(lines, 'unsent line')}`;
    print(terminal.stdout, `Forgot ${name}; ${dropped}`);
    return EXIT.ok;
  });
}
