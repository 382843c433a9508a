/** Shared by the commands that call the running daemon. */
import type { InvalidConfig } from '../config/problem.ts';
import { stateDirectoryOf } from '../config/state-directory.ts';
import { controlClient, ControlError, NotRunningError, type ControlClient } from '../server/client.ts';

import { exists } from './discovery.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { jsonText, print as printTo } from './print.ts';
import { builtInPlugins } from '../registry/registry.ts';

export interface Daemon {
  readonly client: ControlClient;
  readonly stateDirectory: string;
  /** Then the state directory is the default, perhaps not that of the agent. */
  readonly unreadable: InvalidConfig | undefined;
  /** Prints lines as text, anything else as JSON. */
  readonly print: (result: unknown) => void;
}

/**
 * Works with an invalid configuration too: the daemon may run with an earlier one.
 *
 * @throws ConfigError if no daemon is running
 */
export async function withDaemon(
  options: ConfigOptions,
  terminal: Terminal,
  work: (daemon: Daemon) => Promise<ExitCode>,
): Promise<ExitCode> {
  let unreadable: InvalidConfig | undefined;
  const stateDirectory = await findStateDirectory(options, terminal, (error) => {
    unreadable = error;
  });
  const print = (result: unknown) => {
    printTo(terminal.stdout, isText(result) ? result.join('\n') : jsonText(result));
  };
  try {
    return await work({ client: controlClient(stateDirectory, process.platform), stateDirectory, print, unreadable });
  } catch (error) {
    if (error instanceof NotRunningError) {
      if (unreadable === undefined) throw await withOther(error, stateDirectory);
      printTo(terminal.stderr, perhapsElsewhere(stateDirectory));
      throw unreadable;
    }
    if (!(error instanceof ControlError)) throw error;
    // The problems of a configuration have several lines.
    printTo(terminal.stderr, error.message);
    return EXIT.failed;
  }
}

/** The default of root, and of the service. */
export const SYSTEM_STATE = '/var/lib/healthd';

/** People who are not root mostly mean the service. */
async function withOther(error: NotRunningError, stateDirectory: string): Promise<NotRunningError> {
  if (stateDirectory === SYSTEM_STATE || process.getuid?.() === 0 || !(await exists(SYSTEM_STATE))) return error;
  return new NotRunningError(`${error.message}\nAnother one keeps its data in ${SYSTEM_STATE}: use sudo`);
}

export function perhapsElsewhere(stateDirectory: string): string {
  return `No healthd is running on ${stateDirectory}, perhaps on another directory that this configuration names:\n`;
}

/** @param onUnreadable as of `stateDirectoryOf` */
export function findStateDirectory(
  { config }: ConfigOptions,
  { cwd, environment }: Terminal,
  onUnreadable?: (error: InvalidConfig) => void,
): Promise<string> {
  return stateDirectoryOf({ path: config, cwd, environment, registry: builtInPlugins }, onUnreadable);
}

function isText(result: unknown): result is readonly string[] {
  return Array.isArray(result) && result.length > 0 && result.every((line) => typeof line === 'string');
}
