/**
 * Windows refuses to rename a file over one that somebody has open, such as a virus scanner or a backup, for some hundred milliseconds.
 * On other systems these errors last, and are thrown at once.
 */
import { systemClock, type Clock } from './clock.ts';
import { errorCode } from './errors.ts';

/** Pauses between the attempts, 1.6 s in all. ms */
const PAUSES = [20, 50, 100, 200, 400, 800];

const MAY_PASS: readonly (string | undefined)[] = ['EPERM', 'EACCES', 'EBUSY'];

/** @param rename one attempt. @throws the error of the last one */
export async function retryRename<Result>(
  rename: () => Promise<Result>,
  platform: NodeJS.Platform = process.platform,
  clock: Pick<Clock, 'sleep'> = systemClock,
): Promise<Result> {
  for (const pause of platform === 'win32' ? PAUSES : []) {
    try {
      return await rename();
    } catch (error) {
      if (!MAY_PASS.includes(errorCode(error))) throw error;
      await clock.sleep(pause);
    }
  }
  return rename();
}

/** Like `retryRename`, and holds up the thread meanwhile: for commands, and for what happens rarely. */
export function retryRenameSync<Result>(
  rename: () => Result,
  platform: NodeJS.Platform = process.platform,
  sleep: (ms: number) => void = sleepSync,
): Result {
  for (const pause of platform === 'win32' ? PAUSES : []) {
    try {
      return rename();
    } catch (error) {
      if (!MAY_PASS.includes(errorCode(error))) throw error;
      sleep(pause);
    }
  }
  return rename();
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
