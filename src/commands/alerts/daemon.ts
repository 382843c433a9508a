/** Shared by the commands that call the running daemon. */
import { userInfo } from 'node:os';

import { describeError } from '../../core/errors.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { controlClient, ControlError, type ControlClient } from '../../server/client.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { readConfig } from '../read-config.ts';
import { jsonText, print as printTo } from '../print.ts';

export interface Daemon {
  readonly config: LoadedConfig;
  readonly client: ControlClient;
  /** Prints lines as text, anything else as JSON. */
  readonly print: (result: unknown) => void;
}

/** @throws ConfigError if no daemon is running */
export async function withDaemon(
  options: ConfigOptions,
  terminal: Terminal,
  work: (daemon: Daemon) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = await readConfig(options, terminal);
  const print = (result: unknown) => {
    printTo(terminal.stdout, isText(result) ? result.join('\n') : jsonText(result));
  };
  try {
    return await work({ client: controlClient(config.agent.state_dir, process.platform), config, print });
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    printTo(terminal.stderr, describeError(error));
    return EXIT.failed;
  }
}

function isText(result: unknown): result is readonly string[] {
  return Array.isArray(result) && result.length > 0 && result.every((line) => typeof line === 'string');
}

/** The author for the history. Default: the user of this process. */
export function authorOf(by: string | undefined): string {
  return by ?? userInfo().username;
}
