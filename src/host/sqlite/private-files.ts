/** The files of a database are opened by SQLite, which follows symbolic links and creates files that everybody can read. */
import { chmodSync, closeSync, lstatSync, openSync } from 'node:fs';

/** No access for others, no writing for the group. */
const FILE_MODE = 0o640;

/** SQLite gives the two others the mode of the first. */
const SUFFIXES = ['', '-wal', '-shm'] as const;

/**
 * Opens a database whose files only owner and group may read.
 *
 * @param open an empty file, which exists then, is a new database for SQLite
 * @throws if one of its files is a symbolic link or anything else than a file, and what `open` throws
 */
export function privately<Database>(path: string, open: () => Database): Database {
  for (const suffix of SUFFIXES) prepare(path + suffix);
  // Created here, since a worker thread cannot set the umask.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) closeSync(openSync(path, 'wx', FILE_MODE));
  return open();
}

function prepare(file: string): void {
  const status = lstatSync(file, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isFile()) throw new Error(`${file} is not a regular file`);
  // A file of an earlier version.
  if (process.platform !== 'win32' && (status.mode & 0o007) !== 0) chmodSync(file, FILE_MODE);
}
