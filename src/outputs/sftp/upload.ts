import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

import { RetryableError } from '../../plugin/index.ts';

import { HASH_LENGTH, isFromHost, parseName, stamp } from './file-names.ts';
import type { Session } from './session.ts';
import type { FinishedFile } from './spool.ts';

/**
 * Uploads a file to `<name>.part`, resuming a partial upload; reads it back and compares the hash; and only then renames
 * it. So the final name always has the complete file.
 *
 * @throws unless the server has the complete file
 */
export async function upload(file: FinishedFile, folder: string, session: Session): Promise<void> {
  const final = `${folder}/${file.name}`;
  const part = `${final}.part`;
  // Renamed by an earlier attempt whose connection broke before the response arrived.
  if (await isWhole(file, final, session)) return;
  const uploaded = (await session.size(part)) ?? 0;
  const offset = uploaded > file.size ? 0 : uploaded;
  if (offset < file.size || uploaded === 0) {
    await session.write(part, offset, createReadStream(file.path, { start: offset }));
  }
  await session.sync(part);
  if (!(await isWhole(file, part, session))) {
    await session.remove(part);
    throw new RetryableError(
      `${part} on the server does not match the local file; it was removed and will be uploaded again`,
    );
  }
  await session.rename(part, final);
}

async function isWhole({ size, hash }: FinishedFile, path: string, session: Session): Promise<boolean> {
  if ((await session.size(path)) !== size) return false;
  const found = createHash('sha256');
  await session.read(path, (chunk) => found.update(chunk));
  return found.digest('hex').slice(0, HASH_LENGTH) === hash;
}

export interface Retention {
  /** Milliseconds. */
  readonly age?: number | undefined;
  readonly keep?: number | undefined;
}

/**
 * Selects the files in the remote folder that exceed the retention. Only ever returns files written by this host.
 *
 * @param now milliseconds since the Unix epoch
 */
export function surplus(names: readonly string[], hostname: string, { age, keep }: Retention, now: number): string[] {
  const ours = names
    .flatMap((name) => {
      const parsed = parseName(name);
      return parsed === undefined || !isFromHost(hostname, parsed) ? [] : [{ name, ...parsed }];
    })
    .sort((a, b) => (a.time < b.time ? 1 : -1));
  const oldest = age === undefined ? '' : stamp(now - age);
  const tooMany = new Set(keep === undefined ? [] : ours.filter(({ isPart }) => !isPart).slice(keep));
  return ours.filter((file) => file.time < oldest || tooMany.has(file)).map(({ name }) => name);
}
