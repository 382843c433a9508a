/** For commands that replace files of an agent. */
import { existsSync } from 'node:fs';

import { ConfigError } from '../core/errors.ts';
import { lockDirectory } from '../journal/lock.ts';
import { journalDirectory } from '../journal/part.ts';
import { controlClient, ControlError } from '../server/client.ts';

/**
 * Does the work while no agent runs, and none can start.
 *
 * @throws ConfigError if there is no state directory; Error or HeldError if an agent runs
 */
export async function whileStopped<Result>(stateDirectory: string, work: () => Result): Promise<Result> {
  if (!existsSync(stateDirectory))
    throw new ConfigError(`${stateDirectory} does not exist; start the agent once, or pass its configuration`);
  if (await isRunning(stateDirectory))
    throw new Error(`An agent runs on ${stateDirectory}; stop it first: healthd stop`);
  const journal = journalDirectory(stateDirectory);
  // Without a journal on disk there is nothing to lock.
  if (!existsSync(journal)) return work();
  const lock = await lockDirectory(journal);
  try {
    return work();
  } finally {
    await lock.release();
  }
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
