/** What the commands on the state directory have in common. */
import type { OutputEntry } from '../deliver/entry.ts';
import type { LoadedConfig } from '../config/load.ts';
import { ConfigError, describeError, errorCode } from '../core/errors.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { readConfig } from './read-config.ts';

export interface State {
  readonly config: LoadedConfig;
  /** To stderr, without secrets: stdout may carry data. */
  readonly say: (text: string) => void;
}

/**
 * Reads the configuration and works with what it leads to; what goes wrong on the way is told.
 *
 * @throws InvalidConfig or ConfigError if the configuration cannot be used
 */
export async function withState(
  options: ConfigOptions,
  terminal: Terminal,
  work: (state: State) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = await readConfig(options, terminal);
  const say = (text: string) => {
    terminal.stderr.write(`${config.secrets.redact(text)}\n`);
  };
  try {
    return await work({ config, say });
  } catch (error) {
    say(`${describeError(error)}${adviceFor(error)}`);
    return error instanceof ConfigError ? EXIT.misuse : EXIT.failed;
  }
}

function adviceFor(error: unknown): string {
  const isForbidden = ['EACCES', 'EPERM'].includes(errorCode(error) ?? '');
  return isForbidden ? '\nRun this as the user that healthd runs as, or as root' : '';
}

/** @throws ConfigError if the configuration has no output of that name */
export function outputNamed({ outputs }: LoadedConfig, name: string): OutputEntry {
  const entry = outputs.find(({ alias }) => alias === name);
  if (entry === undefined)
    throw new ConfigError(
      `There is no output "${name}" in the configuration; it has ${listed(outputs.map(({ alias }) => alias))}`,
    );
  return entry;
}

export function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
