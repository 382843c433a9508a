/** Opens the history for a command: its files, after a running agent has written what it has in memory. */
import { ConfigError, describeError, errorCode } from '../../core/errors.ts';
import { HistoryReader } from '../../history/reader.ts';
import { describeStoreError } from '../../host/sqlite/sqlite-error.ts';
import { controlClient, ControlError } from '../../server/client.ts';

import type { ConfigOptions, ExitCode, Terminal } from '../command.ts';
import { withState, type State } from '../state.ts';

export interface OpenHistory extends State {
  readonly reader: HistoryReader;
}

/** @throws InvalidConfig or ConfigError if the configuration is invalid */
export function withHistory(
  options: ConfigOptions,
  terminal: Terminal,
  work: (history: OpenHistory) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withState(options, terminal, async (state) => {
    await flushAgent(state);
    const reader = await openReader(state);
    try {
      return await work({ ...state, reader });
    } finally {
      reader.close();
    }
  });
}

async function openReader({ config, say }: State): Promise<HistoryReader> {
  let damaged = 0;
  const onCorrupt = (error: Error) => {
    damaged += 1;
    if (damaged === 1) say(`A part of the history is left out: ${error.message}`);
  };
  try {
    return await HistoryReader.open({ stateDirectory: config.agent.state_dir, onCorrupt });
  } catch (error) {
    // The errors of SQLite are no native ones.
    const isOfSqlite = errorCode(error)?.startsWith('SQLITE_') === true;
    throw isOfSqlite ? new Error(`The history cannot be read: ${describeStoreError(error)}`) : error;
  }
}

/** Without an agent there is nothing in memory. */
export async function flushAgent({ config, say }: State): Promise<void> {
  try {
    await controlClient(config.agent.state_dir, process.platform).post('/api/v1/history/flush', undefined);
  } catch (error) {
    if (error instanceof ConfigError) return;
    const isRefused = error instanceof ControlError;
    say(
      `The newest samples may be missing, the running agent ${isRefused ? 'says' : 'cannot be asked'}: ${describeError(error)}`,
    );
  }
}
