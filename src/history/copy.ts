/** Copies of the history: made while an agent writes, and put in its place when none runs. */
import { chmodSync, chownSync, closeSync, existsSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import { errorCode } from '../core/errors.ts';
import { loadDriver, type Driver } from '../host/sqlite/driver.ts';
import { moveAside } from '../host/sqlite/move-aside.ts';
import { describeStoreError } from '../host/sqlite/sqlite-error.ts';
import { historyPath } from './path.ts';
import type { HistoryReader } from './reader.ts';
import { openDatabase, readOnly, type HistoryDatabase } from './store/database.ts';
import { mergeHour } from './store/merge.ts';
import { versionOf } from './store/schema.ts';

/** Only for its owner: it says what runs on the host. */
const COPY_MODE = 0o600;
/** As the agent creates its files. */
const FILE_MODE = 0o640;

/**
 * Writes a complete and consistent copy, with what is not stored yet.
 *
 * @param to a new file
 * @returns its size, bytes
 * @throws Error if the file exists or cannot be written
 */
export function backUp(
  stateDirectory: string,
  reader: HistoryReader,
  to: string,
  driver: Driver = loadDriver(),
): number {
  return created(to, () => {
    copyInto(driver, historyPath(stateDirectory), to);
    inOneFile(driver, to, (database) => {
      for (const { set, samples } of reader.unstored()) {
        const merge = { database, set: database.setId(set), onCorrupt: ignore };
        database.transaction(() => {
          mergeHour(merge, samples);
        });
      }
    });
    return statSync(to).size;
  });
}

/**
 * Puts a copy in the place of the history. No agent may run.
 *
 * @param now ms since the Unix epoch
 * @returns where the history before is kept; undefined if there was none
 * @throws Error if the file is no sound history; then nothing has changed
 */
export function restore(
  stateDirectory: string,
  from: string,
  now: number,
  driver: Driver = loadDriver(),
): string | undefined {
  checkHistory(driver, from);
  const path = historyPath(stateDirectory);
  const fresh = `${path}.restoring`;
  rmSync(fresh, { force: true });
  created(fresh, () => {
    copyInto(driver, from, fresh);
    // Also brings one of an earlier version up to date.
    inOneFile(driver, fresh, () => undefined);
    chmodSync(fresh, FILE_MODE);
    giveTo(fresh, existsSync(path) ? path : dirname(path));
  });
  const aside = existsSync(path) ? moveAside(path, now, 'before-restore') : undefined;
  renameSync(fresh, path);
  return aside;
}

/** @throws Error that says what is wrong with the file */
function checkHistory(driver: Driver, path: string): void {
  if (!existsSync(path)) throw new Error(`${path} does not exist`);
  const wrong = (why: string) => new Error(`${path} cannot be restored: ${why}`);
  try {
    const db = readOnly(driver, path);
    try {
      const tables =
        "SELECT count(*) AS count FROM sqlite_master WHERE type = 'table' AND name IN ('sets', 'blocks', 'facts')";
      const { count } = db.prepare(tables).get() as { count: number };
      if (count !== 3) throw wrong('it is not a history of healthd');
      versionOf(db);
      const faults = db.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
      if (faults[0]?.quick_check !== 'ok') throw wrong(`it is damaged: ${faults[0]?.quick_check ?? ''}`);
    } finally {
      db.close();
    }
  } catch (error) {
    if (errorCode(error) === 'SQLITE_NOTADB') throw wrong('it is not a history of healthd');
    if (errorCode(error)?.startsWith('SQLITE_') === true) throw wrong(describeStoreError(error));
    throw error;
  }
}

/** A file that did not exist; it is removed if the work fails. */
function created<Result>(path: string, work: () => Result): Result {
  try {
    closeSync(openSync(path, 'wx', COPY_MODE));
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw new Error(`${path} exists; choose another file`);
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

/** @param to an empty file */
function copyInto(driver: Driver, from: string, to: string): void {
  const db = readOnly(driver, from);
  try {
    db.prepare('VACUUM INTO ?').run(to);
  } finally {
    db.close();
  }
}

/** Afterwards all is in the file itself, and none of it in a write-ahead log. */
function inOneFile(driver: Driver, path: string, work: (database: HistoryDatabase) => void): void {
  const database = openDatabase(driver, path, ignore);
  try {
    work(database);
    database.becomeOneFile();
  } finally {
    database.close();
  }
}

/** Of another user's agent, when root restores. */
function giveTo(file: string, like: string): void {
  const [given, wanted] = [statSync(file), statSync(like)];
  if (given.uid !== wanted.uid || given.gid !== wanted.gid) chownSync(file, wanted.uid, wanted.gid);
}

/** What cannot be read stays out of the copy, as it does of every answer. */
function ignore(): void {}
