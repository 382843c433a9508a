/** Copies of a database, made while an agent writes, and put in its place when none runs. */
import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { errorCode } from '../../core/errors.ts';
import { retryRenameSync } from '../../core/retry-rename.ts';
import { giveTo } from '../give-to.ts';

import type { Driver, Sqlite } from './driver.ts';
import { moveAside } from './move-aside.ts';
import { readOnly } from './read-only.ts';
import { describeStoreError } from './sqlite-error.ts';

/** Only for its owner: it says what runs on the host. */
const COPY_MODE = 0o600;
/** As the agent creates its files. */
const FILE_MODE = 0o640;

/** A complete and consistent copy. @param to an empty file */
export function copyInto(driver: Driver, from: string, to: string): void {
  const db = readOnly(driver, from);
  try {
    db.prepare('VACUUM INTO ?').run(to);
  } finally {
    db.close();
  }
}

/** A file that did not exist, private; it is removed if the work fails. @throws Error if it exists or cannot be written */
export function created<Result>(path: string, work: () => Result): Result {
  try {
    closeSync(openSync(path, 'wx', COPY_MODE));
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') throw new Error(`${path} exists; choose another file`);
    if (code === 'ENOENT') throw new Error(`${path} cannot be written: the folder ${dirname(path)} does not exist`);
    throw error;
  }
  try {
    return work();
  } catch (error) {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
    const isOfSqlite = errorCode(error)?.startsWith('SQLITE_') === true;
    throw isOfSqlite ? new Error(`${path} cannot be written: ${describeStoreError(error)}`) : error;
  }
}

export interface Kind {
  /** Such as `a history of healthd`. */
  readonly what: string;
  readonly tables: readonly string[];
  /** Of the file's schema. @throws Error that says why it cannot be used */
  readonly check: (db: Sqlite) => void;
}

/** @throws Error that says what is wrong with a file that shall be restored */
export function checkCopy(driver: Driver, path: string, { what, tables, check }: Kind): void {
  if (!existsSync(path)) throw new Error(`${path} does not exist`);
  const wrong = (why: string) => new Error(`${path} cannot be restored: ${why}`);
  try {
    const db = readOnly(driver, path);
    try {
      const names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
      if (!tables.every((table) => names.some(({ name }) => name === table))) throw wrong(`it is not ${what}`);
      check(db);
      const faults = db.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
      if (faults[0]?.quick_check !== 'ok') throw wrong(`it is damaged: ${faults[0]?.quick_check ?? ''}`);
    } finally {
      db.close();
    }
  } catch (error) {
    if (errorCode(error) === 'SQLITE_NOTADB') throw wrong(`it is not ${what}`);
    if (errorCode(error)?.startsWith('SQLITE_') === true) throw wrong(describeStoreError(error));
    throw error;
  }
}

/**
 * Puts a copy in the place of a database that nobody has open.
 *
 * @param adapt changes the copy before it takes the place; afterwards all of it is in the one file
 * @param now ms since the Unix epoch
 * @returns where the file before is kept; undefined if there was none
 */
export function putInPlace(
  driver: Driver,
  { from, path, now }: { readonly from: string; readonly path: string; readonly now: number },
  adapt: (fresh: string) => void,
): string | undefined {
  const fresh = `${path}.restoring`;
  rmSync(fresh, { force: true });
  created(fresh, () => {
    copyInto(driver, from, fresh);
    adapt(fresh);
    chmodSync(fresh, FILE_MODE);
    giveTo(fresh, existsSync(path) ? path : dirname(path));
  });
  const aside = existsSync(path) ? moveAside(path, now, 'before-restore') : undefined;
  retryRenameSync(() => {
    renameSync(fresh, path);
  });
  return aside;
}
