/** The files of a database are opened by SQLite, which follows symbolic links and creates files that everybody can read. */
import { chmodSync, lstatSync } from 'node:fs';

/** No access for others, no writing for the group: 0640, and 0750 for folders. */
const UMASK = 0o027;
const FILE_MODE = 0o640;

/** SQLite gives the two others the mode of the first. */
const SUFFIXES = ['', '-wal', '-shm'] as const;

/**
 * Opens a database whose files only owner and group may read.
 *
 * @param open synchronous, since the process has one umask
 * @throws if one of its files is a symbolic link or anything else than a file, and what `open` throws
 */
export function privately<Database>(path: string, open: () => Database): Database {
  for (const suffix of SUFFIXES) prepare(path + suffix);
  const before = process.umask(UMASK);
  try {
    return open();
  } finally {
    process.umask(before);
  }
}

function prepare(file: string): void {
  const status = lstatSync(file, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isFile()) throw new Error(`${file} is not a regular file`);
  // A file of an earlier version.
  if (process.platform !== 'win32' && (status.mode & 0o007) !== 0) chmodSync(file, FILE_MODE);
}
