import { pathToFileURL } from 'node:url';

import type { Driver, Sqlite } from './driver.ts';

/** SQLite's busy timeout of a command, which may wait: an agent that opens the file holds the lock for a moment. ms. */
const BUSY_MS = 5000;

/** A connection that cannot write. */
export function readOnly(Database: Driver, path: string): Sqlite {
  const db = new Database(`${pathToFileURL(path).href}?mode=ro`);
  db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  return db;
}
