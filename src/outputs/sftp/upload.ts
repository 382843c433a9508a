import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

import { RetryableError } from '../../plugin/index.ts';

import { HASH_LENGTH, isOf, parseName, stamp } from './file-names.ts';
import type { Session } from './session.ts';
import type { FinishedFile } from './spool.ts';

/**
 * Brings a file to the server: to `<name>.part`, where what an earlier try has brought is continued; read back and compared;
 * and only then renamed. So under the final name is the whole file or nothing.
 *
 * @throws unless the server has all of it
 */
export async function upload(file: FinishedFile, folder: string, session: Session): Promise<void> {
  const final = `${folder}/${file.name}`;
  const part = `${final}.part`;
  // Renamed before, but the connection broke before that was known.
  if (await isWhole(file, final, session)) return;
  const there = (await session.size(part)) ?? 0;
  const offset = there > file.size ? 0 : there;
  if (offset < file.size || there === 0) {
    await session.write(part, offset, createReadStream(file.path, { start: offset }));
  }
  await session.sync(part);
  if (!(await isWhole(file, part, session))) {
    await session.remove(part);
    throw new RetryableError(`${part} on the server is not what was sent; it was removed and will be sent anew`);
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
 * Which of the names in the remote folder are too old or too many. Only names that this host gives are ever returned.
 *
 * @param now milliseconds since the Unix epoch
 */
export function surplus(names: readonly string[], hostname: string, { age, keep }: Retention, now: number): string[] {
  const ours = names
    .flatMap((name) => {
      const parsed = parseName(name);
      return parsed === undefined || !isOf(hostname, parsed) ? [] : [{ name, ...parsed }];
    })
    .sort((a, b) => (a.time < b.time ? 1 : -1));
  const oldest = age === undefined ? '' : stamp(now - age);
  const tooMany = new Set(keep === undefined ? [] : ours.filter(({ isPart }) => !isPart).slice(keep));
  return ours.filter((file) => file.time < oldest || tooMany.has(file)).map(({ name }) => name);
}
