/** Finds a process that goes on in a directory that was deleted: the lock went with it, but the files are still open. */
import { readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';

/**
 * Linux only; on other systems, and for processes of other users, nothing is found.
 *
 * @param directory exists (again)
 * @returns the PID of another process that has the deleted directory of that path open
 */
export function holderOfDeleted(directory: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const deleted = `${realpathSync(directory)} (deleted)`;
  const { dev } = statSync(directory);
  // The path alone may be that of another directory, in a container.
  const isDeleted = (link: string) => targetOf(link) === deleted && deviceOf(link) === dev;
  const others = namesIn('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return others.find((pid) => namesIn(`/proc/${pid}/fd`).some((fd) => isDeleted(`/proc/${pid}/fd/${fd}`)));
}

/** Empty if the process has ended or belongs to somebody else. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

function deviceOf(link: string): number | undefined {
  try {
    return statSync(link).dev;
  } catch {
    return undefined;
  }
}
