/**
 * A configuration can name programs to run and code to load. So root only uses one from the working directory or a home
 * directory if nobody but root could have written it.
 */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { ConfigError } from '../core/errors.ts';

const GROUP_WRITE = 0o020;
const WORLD_WRITE = 0o002;

/**
 * @param uid of this process; only root is checked, since other users risk only their own files
 * @throws ConfigError if another user could have changed the file or its folder
 */
export async function refuseUntrusted(file: string, uid: number | undefined): Promise<void> {
  if (uid !== 0) return;
  for (const path of [file, dirname(file)]) {
    const { uid: owner, gid, mode } = await stat(path);
    const reason = distrust(owner, gid, mode);
    if (reason === undefined) continue;
    throw new ConfigError(
      `Refusing ${file}: healthd runs as root, and ${path} ${reason}. ` +
        `If you trust it, pass --config ${file}; otherwise run: chown root ${path} && chmod go-w ${path}`,
    );
  }
}

function distrust(owner: number, group: number, mode: number): string | undefined {
  if (owner !== 0) return `is owned by user ${owner}`;
  if ((mode & WORLD_WRITE) !== 0) return 'is world-writable';
  if ((mode & GROUP_WRITE) !== 0 && group !== 0) return `is writable by group ${group}`;
  return undefined;
}
