import { existsSync, renameSync } from 'node:fs';

import { retryRenameSync } from '../../core/retry-rename.ts';

/**
 * Renames the files of a database, so that a new one can be created.
 *
 * @param now ms since the Unix epoch
 * @param why part of the new name
 * @returns the new path
 */
export function moveAside(path: string, now: number, why: 'damaged' | 'before-restore' = 'damaged'): string {
  const aside = `${path}.${why}-${new Date(now).toISOString().replace(/[-:]/g, '')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (!existsSync(path + suffix)) continue;
    retryRenameSync(() => {
      renameSync(path + suffix, aside + suffix);
    });
  }
  return aside;
}
