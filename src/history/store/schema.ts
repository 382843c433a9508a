/**
 * The tables of `history.db`. `blocks` has a row for each set, level and span of time: raw blocks of at most an hour until they are
 * rolled up, then raw blocks of at most six hours, minutes of six hours, and quarters of an hour of eight days. Up to where that is
 * done is the fact `rolled_up_to`, ms: before it all samples are in roll-ups, from it on none need be. Blocks of one set and level never
 * overlap. Times are ms since the Unix epoch, of the first and the last row.
 * `frames` has process frames: a row for each minute of the running hour, one for each earlier hour. `events` has what happened;
 * `key` is the alert or the title, by which an event that has ended replaces the same event while it lasted. `hosts` has the names
 * of hosts other than the agent's own: sets know the id only, so a new name is one row.
 */
import { inTransaction, type Sqlite } from '../../host/sqlite/driver.ts';

/** Numbers in the file. */
export const LEVELS = { raw: 0, minutes: 1, quarters: 2 } as const;

export type Level = keyof typeof LEVELS;

/** The step at index n leads from version n to n + 1. */
const MIGRATIONS: readonly ((db: Sqlite) => void)[] = [
  (db) => {
    db.exec(`CREATE TABLE sets (
      id INTEGER PRIMARY KEY, host TEXT NOT NULL, name TEXT NOT NULL, tags TEXT NOT NULL, UNIQUE (host, name, tags))`);
    db.exec(`CREATE TABLE blocks (
      id INTEGER PRIMARY KEY, set_id INTEGER NOT NULL, level INTEGER NOT NULL, from_ms INTEGER NOT NULL,
      to_ms INTEGER NOT NULL, codec INTEGER NOT NULL, blob BLOB NOT NULL)`);
    db.exec('CREATE UNIQUE INDEX blocks_place ON blocks (set_id, level, from_ms)');
    db.exec('CREATE INDEX blocks_age ON blocks (level, from_ms)');
    db.exec('CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID');
  },
  (db) => {
    db.exec(`CREATE TABLE frames (
      from_ms INTEGER PRIMARY KEY, to_ms INTEGER NOT NULL, codec INTEGER NOT NULL, blob BLOB NOT NULL)`);
    db.exec(`CREATE TABLE events (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, until INTEGER, kind TEXT NOT NULL, level TEXT NOT NULL,
      title TEXT NOT NULL, alert TEXT, key TEXT NOT NULL, UNIQUE (at, kind, key))`);
    db.exec('CREATE INDEX events_end ON events (until) WHERE until IS NOT NULL');
    db.exec("CREATE INDEX events_alerts ON events (at) WHERE until IS NULL AND kind = 'alert'");
  },
  (db) => {
    db.exec('CREATE TABLE hosts (id TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID');
  },
  // Blocks got an encoding and a level. Those of the version before can be read, and are rolled up from the oldest on.
  () => undefined,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** The file was written by a later version, which has to be left alone. */
export class NewerHistoryError extends Error {
  override readonly name = 'NewerHistoryError';
}

/** @throws NewerHistoryError, or the error of SQLite */
export function versionOf(db: Sqlite): number {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > SCHEMA_VERSION)
    throw new NewerHistoryError(
      `it was written by a newer healthd (version ${version}); upgrade healthd, or move the file away to begin a new one`,
    );
  return version;
}

/** @throws NewerHistoryError, or the error of SQLite */
export function migrate(db: Sqlite): void {
  const version = versionOf(db);
  if (version === SCHEMA_VERSION) return;
  inTransaction(db, () => {
    for (const step of MIGRATIONS.slice(version)) step(db);
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}
