/** The SQLite file `alerts.db`: one table per collection, and the history. */
import { inTransaction, type Driver, type Sqlite } from '../../host/sqlite/driver.ts';
import { privately } from '../../host/sqlite/private-files.ts';
import { DamagedError, isDamage } from '../../host/sqlite/sqlite-error.ts';
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { HistoryFilter } from './history-filter.ts';
import { migrateGroups } from './migrate-groups.ts';
import { COLLECTIONS, type CollectionName } from './store.ts';
import type { Commit } from './transactions.ts';

export const SCHEMA_VERSION = 2;

/** SQLite's busy timeout, ms. Blocks the whole agent while another process holds the lock. */
const BUSY_MS = 250;

const tableOf = (name: string) =>
  `CREATE TABLE IF NOT EXISTS ${name} (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`;

/** Added without a new version: a program from before leaves them alone. */
const ADDED: readonly CollectionName[] = ['receivers', 'deferred', 'handed_over', 'handed_in', 'deeds'];

/** Which further alerts an entry of the history is about. Added without a new version, too. */
const HISTORY_ALSO = [
  `CREATE TABLE IF NOT EXISTS history_also (
    fingerprint TEXT NOT NULL, entry INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (fingerprint, entry)) WITHOUT ROWID`,
  'CREATE INDEX IF NOT EXISTS history_also_at ON history_also (at)',
];

const SCHEMA = [
  ...COLLECTIONS.map(tableOf),
  `CREATE TABLE history (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL,
    fingerprint TEXT, rule TEXT, host TEXT, entry TEXT NOT NULL)`,
  'CREATE INDEX history_at ON history (at)',
  'CREATE INDEX history_fingerprint ON history (fingerprint, at) WHERE fingerprint IS NOT NULL',
  'CREATE INDEX history_rule ON history (rule, at) WHERE rule IS NOT NULL',
  'CREATE INDEX history_host ON history (host, at) WHERE host IS NOT NULL',
  ...HISTORY_ALSO,
  `PRAGMA user_version = ${SCHEMA_VERSION}`,
];

/** Values are JSON. */
export interface StoredRow {
  readonly key: string;
  readonly value: string;
}

export interface AlertDatabase {
  rows(collection: CollectionName): readonly StoredRow[];
  /** All or nothing. */
  write(commit: Commit): void;
  history(filter: HistoryFilter): readonly AuditEntry[];
  /**
   * Deletes entries of the history.
   *
   * @param before ms since the Unix epoch
   * @returns the number of deleted entries: fewer than `most` if none are left
   */
  prune(before: number, most: number): number;
  close(): void;
}

/**
 * Opens the file, or creates it.
 *
 * @throws DamagedError, or the error of SQLite, which has a `code`
 */
export function openDatabase(Database: Driver, path: string): AlertDatabase {
  return privately(path, () => {
    try {
      return open(Database, path, 'NORMAL');
    } catch (error) {
      if (isDamage(error)) throw error;
      // On a full disk there is no room for the shared-memory file of WAL mode; exclusive mode needs none.
      return open(Database, path, 'EXCLUSIVE');
    }
  });
}

function open(Database: Driver, path: string, locking: 'NORMAL' | 'EXCLUSIVE'): AlertDatabase {
  const db = new Database(path);
  try {
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA locking_mode = ${locking}`);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    prepareSchema(db);
    return operations(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepareSchema(db: Sqlite): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > SCHEMA_VERSION) throw new DamagedError(`it was written by a newer healthd (version ${version})`);
  if (version === 0) {
    inTransaction(db, () => {
      for (const statement of SCHEMA) db.exec(statement);
    });
    return;
  }
  const [found] = db.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
  if (found?.quick_check !== 'ok') throw new DamagedError(found?.quick_check ?? 'the integrity check failed');
  inTransaction(db, () => {
    for (const name of ADDED) db.exec(tableOf(name));
    for (const statement of HISTORY_ALSO) db.exec(statement);
    if (version === 1) fromVersion1(db);
  });
}

/** Groups and queued notifications become facts and rows of the ledger. */
function fromVersion1(db: Sqlite): void {
  const read = (table: string) => db.prepare(`SELECT key, value FROM ${table}`).all() as StoredRow[];
  const { facts, ledger } = migrateGroups(read('groups'), read('outbox'));
  for (const name of ['facts', 'ledger', 'attempts']) db.exec(tableOf(name));
  for (const [name, rows] of Object.entries({ facts, ledger })) {
    const insert = db.prepare(`INSERT INTO ${name} (key, value) VALUES (?, ?)`);
    for (const [key, value] of rows) insert.run(key, JSON.stringify(value));
  }
  db.exec(`DROP TABLE groups; DROP TABLE outbox; PRAGMA user_version = ${SCHEMA_VERSION}`);
}

function operations(db: Sqlite): AlertDatabase {
  const writer = prepareWriter(db);
  const prune = db.prepare('DELETE FROM history WHERE id IN (SELECT id FROM history WHERE at < ? ORDER BY at LIMIT ?)');
  const pruneAlso = db.prepare(
    `DELETE FROM history_also WHERE (fingerprint, entry) IN
      (SELECT fingerprint, entry FROM history_also WHERE at < ? ORDER BY at LIMIT ?)`,
  );
  return {
    rows: (name) => db.prepare(`SELECT key, value FROM ${name}`).all() as StoredRow[],
    write(commit) {
      inTransaction(db, () => {
        writer(commit);
      });
    },
    history: (filter) => readHistory(db, filter),
    prune: (before, most) => Math.max(prune.run(before, most).changes, pruneAlso.run(before, most).changes),
    close() {
      try {
        db.pragma('wal_checkpoint(TRUNCATE)');
      } finally {
        db.close();
      }
    },
  };
}

function prepareWriter(db: Sqlite): (commit: Commit) => void {
  const statements = new Map(
    COLLECTIONS.map((name) => [
      name,
      {
        put: db.prepare(
          `INSERT INTO ${name} (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
        ),
        remove: db.prepare(`DELETE FROM ${name} WHERE key = ?`),
      },
    ]),
  );
  const add = db.prepare('INSERT INTO history (at, kind, fingerprint, rule, host, entry) VALUES (?, ?, ?, ?, ?, ?)');
  const addAlso = db.prepare('INSERT OR IGNORE INTO history_also (fingerprint, entry, at) VALUES (?, ?, ?)');
  return ({ changes, entries }) => {
    for (const { collection, key, json } of changes) {
      if (json === undefined) statements.get(collection)?.remove.run(key);
      else statements.get(collection)?.put.run(key, json);
    }
    for (const entry of entries) {
      const { at, kind, fingerprint = null, rule = null, host = null } = entry;
      const { lastInsertRowid } = add.run(at, kind, fingerprint, rule, host, JSON.stringify(entry));
      for (const other of entry.also ?? []) addAlso.run(other, lastInsertRowid, at);
    }
  };
}

function readHistory(db: Sqlite, filter: HistoryFilter): readonly AuditEntry[] {
  const { since, until, fingerprint, rule, host, kinds, limit } = filter;
  const conditions: (readonly [sql: string, values: readonly unknown[]])[] = [
    ['at >= ?', present(since)],
    ['at < ?', present(until)],
    [
      '(fingerprint = ? OR id IN (SELECT entry FROM history_also WHERE fingerprint = ?))',
      fingerprint === undefined ? [] : [fingerprint, fingerprint],
    ],
    ['rule = ?', present(rule)],
    ['host = ?', present(host)],
  ];
  const used = conditions.filter(([, values]) => values.length > 0);
  if (kinds !== undefined) used.push([`kind IN (${kinds.map(() => '?').join()})`, kinds]);
  const where = used.length === 0 ? '' : `WHERE ${used.map(([sql]) => sql).join(' AND ')}`;
  const rows = db
    .prepare(`SELECT entry FROM history ${where} ORDER BY at DESC, id DESC LIMIT ?`)
    .all(...used.flatMap(([, values]) => values), limit) as { entry: string }[];
  return rows.map(({ entry }) => JSON.parse(entry) as AuditEntry);
}

function present(value: unknown): readonly unknown[] {
  return value === undefined ? [] : [value];
}
