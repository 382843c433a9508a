/** `healthd journal forget`: gives up what the journal keeps for an output that is no more. */
import { unlink } from 'node:fs/promises';

import { journalDirectory } from '../../journal/part.ts';
import { ConfigError } from '../../core/errors.ts';
import { cursorPath } from '../../journal/cursor-files.ts';
import { inspectJournal } from '../../journal/inspect.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';

import { counted } from '../columns.ts';
import { listed, withState } from '../state.ts';

export interface ForgetInput extends ConfigOptions {
  /** Of a cursor. */
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
        `The journal at ${directory} keeps nothing for "${name}"; names that it has: ${listed(cursors.map((each) => each.name))}`,
      );
    if (view?.holder !== undefined && config.outputs.some(({ alias }) => alias === name))
      throw new ConfigError(
        `${name} is an output of the configuration, and process ${view.holder} sends with it; take it out, let healthd reload (SIGHUP), and try again`,
      );
    await unlink(cursorPath(directory, name));
    const { lines } = cursor.lag;
    const given = lines === 0 ? 'it had sent everything' : `${counted(lines, 'line')} it had not sent will not be sent`;
    terminal.stdout.write(`Forgot ${name}; ${given}\n`);
    return EXIT.ok;
  });
}
