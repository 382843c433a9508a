/**
 * Files that healthd obeys: a configuration names programs to run and code to load. Run as root, it obeys only what nobody
 * but root could have written, as sshd's StrictModes does, wherever the file is and however it was named.
 *
 * A file and every folder above it, the folders on the way of symbolic links included, must belong to root and not be writable
 * for others. Unlike with sshd, a folder with the sticky bit may be writable, such as /tmp: others cannot replace an entry in
 * it that belongs to root.
 */
import { constants, type Stats } from 'node:fs';
import { lstat, open, readlink, type FileHandle } from 'node:fs/promises';
import { dirname, parse, resolve, sep } from 'node:path';

import { ConfigError } from '../core/errors.ts';

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** Without O_NONBLOCK, opening a FIFO would wait for a writer. (Windows has none of these flags; undefined counts as 0.) */
const READ = O_RDONLY | O_NONBLOCK;

const GROUP_WRITE = 0o020;
const WORLD_WRITE = 0o002;
const STICKY = 0o1000;

/** As in the kernel. */
const MAX_LINKS = 40;

/** A configuration or a module. Bytes. */
const MAX_FILE = 64 * 1024 * 1024;

/** Whose files are obeyed: user ids. Undefined: everybody's, since other users than root risk only their own files. */
export type TrustedOwners = readonly number[] | undefined;

/**
 * @param uid of this process; undefined on platforms without user ids
 * @param environment HEALTHD_CONFIG_OWNER is the id of one further user whom root trusts, such as the owner of a file that is
 *   mounted into a container
 * @throws ConfigError if HEALTHD_CONFIG_OWNER is no user id
 */
export function trustedOwners(
  uid: number | undefined,
  { HEALTHD_CONFIG_OWNER: further }: Readonly<Record<string, string | undefined>>,
): TrustedOwners {
  if (uid !== 0) return undefined;
  if (further === undefined || further === '') return [0];
  if (!/^\d{1,10}$/.test(further)) throw new ConfigError('HEALTHD_CONFIG_OWNER must be a user id, such as 1000');
  return [0, Number(further)];
}

/**
 * Reads a file that is obeyed. It is opened before it is checked, and checked before it is read.
 *
 * @param file absolute path
 * @throws ConfigError if others could have written it; the system's error if it cannot be opened or is no regular file
 */
export async function readObeyed(file: string, owners: TrustedOwners): Promise<Buffer> {
  const path = owners === undefined ? file : await resolveTrusted(file, owners);
  const handle = await open(path, owners === undefined ? READ : READ | O_NOFOLLOW);
  try {
    return await readChecked(handle, file, path, owners);
  } finally {
    await handle.close();
  }
}

async function readChecked(handle: FileHandle, file: string, path: string, owners: TrustedOwners): Promise<Buffer> {
  const status = await handle.stat();
  if (status.isDirectory()) throw Object.assign(new Error('EISDIR: is a folder'), { code: 'EISDIR' });
  if (!status.isFile()) throw new ConfigError(`${file} is not a regular file`);
  if (status.size > MAX_FILE) throw new ConfigError(`${file} is too large (${status.size} bytes)`);
  if (owners !== undefined) refuseForeign(file, path, status, owners);
  return handle.readFile();
}

/** Checks a path without opening it: a folder whose entries are obeyed. @throws as `readObeyed` */
export async function checkObeyed(folder: string, owners: TrustedOwners): Promise<void> {
  if (owners === undefined) return;
  const path = await resolveTrusted(folder, owners);
  refuseForeign(folder, path, await lstat(path), owners);
}

/** Follows symbolic links, and checks every folder and link on the way, but not what the path leads to. */
async function resolveTrusted(file: string, owners: readonly number[]): Promise<string> {
  const { root } = parse(resolve(file));
  let current = root;
  let left = partsOf(file);
  for (let links = 0; ;) {
    const status = await lstat(current);
    if (status.isSymbolicLink()) {
      links += 1;
      if (links > MAX_LINKS) throw new ConfigError(`${file} leads through too many symbolic links`);
      // The mode of a link means nothing.
      if (!owners.includes(status.uid)) throw refused(file, current, `is owned by user ${status.uid}`, owners);
      left = [...partsOf(resolve(dirname(current), await readlink(current))), ...left];
      current = root;
      continue;
    }
    const [next, ...rest] = left;
    if (next === undefined) return current;
    refuseForeign(file, current, status, owners);
    current = resolve(current, next);
    left = rest;
  }
}

function partsOf(path: string): readonly string[] {
  return resolve(path)
    .slice(parse(resolve(path)).root.length)
    .split(sep)
    .filter((part) => part !== '');
}

function refuseForeign(file: string, path: string, status: Stats, owners: readonly number[]): void {
  const reason = distrust(status, owners);
  if (reason !== undefined) throw refused(file, path, reason, owners);
}

function distrust(status: Stats, owners: readonly number[]): string | undefined {
  const { uid, gid, mode } = status;
  if (!owners.includes(uid)) return `is owned by user ${uid}`;
  if (status.isDirectory() && (mode & STICKY) !== 0) return undefined;
  if ((mode & WORLD_WRITE) !== 0) return 'is world-writable';
  if ((mode & GROUP_WRITE) !== 0 && gid !== 0) return `is writable by group ${gid}`;
  return undefined;
}

function refused(file: string, path: string, reason: string, owners: readonly number[]): ConfigError {
  const owner = /user (\d+)/.exec(reason)?.[1];
  const trust =
    owner === undefined || owners.length > 1 ? '' : `, or set HEALTHD_CONFIG_OWNER=${owner} if you trust that user`;
  return new ConfigError(
    `Refusing ${file}: healthd runs as root, and ${path} ${reason}; run: chown root ${path} && chmod go-w ${path}${trust}`,
  );
}
