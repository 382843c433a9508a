/** Shared by the commands that work on the state directory. */
import type { OutputEntry } from '../deliver/entry.ts';
import type { LoadedConfig } from '../config/load.ts';
import { ConfigError, describeError, errorCode } from '../core/errors.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { readConfig } from './read-config.ts';
import { print } from './print.ts';

export interface State {
  readonly config: LoadedConfig;
  /** Prints to stderr, secrets redacted; stdout carries data. */
  readonly say: (text: string) => void;
}

/**
 * Reads the configuration and runs `work`; prints its errors to stderr.
 *
 * @throws InvalidConfig or ConfigError if the configuration is invalid
 */
export async function withState(
  options: ConfigOptions,
  terminal: Terminal,
  work: (state: State) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = await readConfig(options, terminal);
  const say = (text: string) => {
    print(terminal.stderr, config.secrets.redact(text));
  };
  try {
    return await work({ config, say });
  } catch (error) {
    say(`${describeError(error)}${hintFor(error)}`);
    return error instanceof ConfigError ? EXIT.misuse : EXIT.failed;
  }
}

function hintFor(error: unknown): string {
  const isForbidden = ['EACCES', 'EPERM'].includes(errorCode(error) ?? '');
  return isForbidden ? '\nRun this command as the user of the healthd process, or as root' : '';
}

/** @throws ConfigError if the configuration has no such output */
export function outputNamed({ outputs }: LoadedConfig, name: string): OutputEntry {
  const entry = outputs.find(({ alias }) => alias === name);
  if (entry === undefined)
    throw new ConfigError(
      `The configuration has no output "${name}"; outputs: ${listed(outputs.map(({ alias }) => alias))}`,
    );
  return entry;
}

export function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
