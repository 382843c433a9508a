/** Opens `history.db`. The history is worth less than the agent: a damaged file is set aside, and a new one begun. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import { loadDriver, type Driver } from '../../host/sqlite/driver.ts';
import { moveAside } from '../../host/sqlite/move-aside.ts';
import { DamagedError, describeStoreError, isDamage, sqliteCode } from '../../host/sqlite/sqlite-error.ts';
import type { CorruptBlockError } from '../codec/corrupt-block.ts';
import { openDatabase, type HistoryDatabase } from './database.ts';

export interface OpenOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly driver?: () => Driver;
  /** Called for frames of processes that cannot be read. */
  readonly onCorrupt: (error: CorruptBlockError) => void;
}

/** @throws NewerHistoryError, or the error of SQLite or of the file system */
export function openHistoryDatabase(options: OpenOptions): HistoryDatabase {
  const { path, driver = loadDriver, onCorrupt } = options;
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isFile() === false) throw new DamagedError('it is not a file');
    // SQLite would treat an empty file as a new database, but it is one that a power failure has truncated.
    if (there?.size === 0) throw new DamagedError('it is empty');
    return openDatabase(driver(), path, onCorrupt);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return begin(options, error);
  }
}

/** Of a database in use, also one that was truncated: other errors, such as a full disk, pass. */
export function isCorrupt(thrown: unknown): boolean {
  return /^SQLITE_(?:CORRUPT|NOTADB|IOERR_SHORT_READ)/.test(sqliteCode(thrown));
}

/** @returns a new one in its place */
export function setAside(damaged: HistoryDatabase, options: OpenOptions, reason: unknown): HistoryDatabase {
  try {
    damaged.close();
  } catch (error) {
    options.log.debug(`Closing the damaged history failed: ${describeStoreError(error)}`);
  }
  return begin(options, reason);
}

function begin({ path, log, clock, driver = loadDriver, onCorrupt }: OpenOptions, reason: unknown): HistoryDatabase {
  const aside = moveAside(path, clock.now());
  log.warn(`Cannot use ${path}; moved it aside, the history starts empty: ${describeStoreError(reason)}`, { aside });
  return openDatabase(driver(), path, onCorrupt);
}
