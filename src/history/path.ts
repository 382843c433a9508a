import { join } from 'node:path';

/** Path of the history in the state directory. */
export function historyPath(stateDirectory: string): string {
  return join(stateDirectory, 'history.db');
}
