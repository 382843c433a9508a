/**
 * A configuration can name programs to run and code to load. As root, one that merely happens to lie in the current
 * folder or in somebody's home must not be obeyed unless only root could have put it there.
 */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { ConfigError } from '../core/errors.ts';

const GROUP_WRITE = 0o020;
const WORLD_WRITE = 0o002;

/**
 * @param uid of this process; nothing is checked for others than root, who only risk what is theirs
 * @throws ConfigError if the file or its folder could have been changed by somebody else
 */
export async function refuseUntrusted(file: string, uid: number | undefined): Promise<void> {
  if (uid !== 0) return;
  for (const path of [file, dirname(file)]) {
    const { uid: owner, gid, mode } = await stat(path);
    const reason = distrust(owner, gid, mode);
    if (reason === undefined) continue;
    throw new ConfigError(
      `${file} is not used: healthd runs as root, and ${path} ${reason}. ` +
        `If you trust it, name it: --config ${file}; otherwise: chown root ${path} && chmod go-w ${path}`,
    );
  }
}

function distrust(owner: number, group: number, mode: number): string | undefined {
  if (owner !== 0) return `belongs to user ${owner}`;
  if ((mode & WORLD_WRITE) !== 0) return 'can be written by everybody';
  if ((mode & GROUP_WRITE) !== 0 && group !== 0) return `can be written by group ${group}`;
  return undefined;
}
