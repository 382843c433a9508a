/** `healthd history restore`. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { systemClock } from '../../core/clock.ts';
import { ConfigError } from '../../core/errors.ts';
import { restore } from '../../history/copy.ts';
import { lockDirectory } from '../../journal/lock.ts';
import { journalDirectory } from '../../journal/part.ts';
import { controlClient, ControlError } from '../../server/client.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { print } from '../print.ts';
import { withState } from '../state.ts';

export interface RestoreOptions extends ConfigOptions {
  readonly file: string;
}

export function historyRestore(options: RestoreOptions, terminal: Terminal): Promise<ExitCode> {
  return withState(options, terminal, async ({ config }) => {
    const folder = config.agent.state_dir;
    const file = resolve(terminal.cwd, options.file);
    if (!existsSync(folder))
      throw new ConfigError(`${folder} does not exist; start the agent once, or pass its configuration`);
    if (await isRunning(folder)) throw new Error(`An agent runs on ${folder}; stop it first: healthd stop`);
    const aside = await whileLocked(folder, () => restore(folder, file, systemClock.now()));
    print(terminal.stdout, `The history is that of ${file} now`);
    if (aside !== undefined)
      print(terminal.stdout, `The one before is kept in ${aside}; delete it when it is not needed`);
    return EXIT.ok;
  });
}

async function isRunning(folder: string): Promise<boolean> {
  try {
    await controlClient(folder, process.platform).get('/healthz');
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    // A refusal is an answer too.
    if (error instanceof ControlError) return true;
    throw error;
  }
}

/** So that no agent starts meanwhile. @throws HeldError if one has */
async function whileLocked<Result>(folder: string, work: () => Result): Promise<Result> {
  const journal = journalDirectory(folder);
  // Without a journal on disk there is nothing to lock.
  if (!existsSync(journal)) return work();
  const lock = await lockDirectory(journal);
  try {
    return work();
  } finally {
    await lock.release();
  }
}
