/** Copies of the history: made while an agent writes, and put in its place when none runs. */
import { statSync } from 'node:fs';

import { checkCopy, copyInto, created, putInPlace } from '../host/sqlite/copy.ts';
import { loadDriver, type Driver } from '../host/sqlite/driver.ts';

import { historyPath } from './path.ts';
import type { HistoryReader } from './reader.ts';
import { openDatabase, type HistoryDatabase } from './store/database.ts';
import { mergeHour } from './store/merge.ts';
import { versionOf } from './store/schema.ts';

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
  checkCopy(driver, from, { what: 'a history of healthd', tables: ['sets', 'blocks', 'facts'], check: versionOf });
  return putInPlace(driver, { from, path: historyPath(stateDirectory), now }, (fresh) => {
    // Also brings one of an earlier version up to date.
    inOneFile(driver, fresh, ignore);
  });
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

/** What cannot be read stays out of the copy, as it does of every answer. */
function ignore(): void {}
