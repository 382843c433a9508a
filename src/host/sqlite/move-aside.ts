import { existsSync, renameSync } from 'node:fs';

/**
 * Renames the files of a damaged database, so that a new one can be created.
 *
 * @param now ms since the Unix epoch
 * @returns the new path
 */
export function moveAside(path: string, now: number): string {
  const aside = `${path}.damaged-${new Date(now).toISOString().replace(/[-:]/g, '')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}
