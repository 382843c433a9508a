/**
 * The file `hub.db`: hosts, join tokens, events. Who may speak for which host is in no other place, so a file that cannot be read is
 * never replaced by an empty one.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { inTransaction, loadDriver, type Sqlite } from '../host/sqlite/driver.ts';
import { privately } from '../host/sqlite/private-files.ts';
import { DamagedError } from '../host/sqlite/sqlite-error.ts';

import { Inventories } from './inventory.ts';
import type { HostRecord, HubEvent, TokenRecord, WriterRecord } from './records.ts';

export const HUB_FILE = 'hub.db';

const SCHEMA_VERSION = 1;
const BUSY_MS = 250;
/** The oldest events beyond these are deleted. */
const MOST_EVENTS = 20_000;

const SCHEMA = `
  CREATE TABLE hosts (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE tokens (hash TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, host TEXT, record TEXT NOT NULL);
  CREATE INDEX events_host ON events (host, id) WHERE host IS NOT NULL;
  PRAGMA user_version = ${SCHEMA_VERSION}`;

/** These came later; earlier versions do not mind them. */
const IDENTITY = 'CREATE TABLE IF NOT EXISTS identity (id TEXT PRIMARY KEY) WITHOUT ROWID';
const WRITERS = 'CREATE TABLE IF NOT EXISTS writers (name TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID';
/**
 * Hosts that were revoked, and forgotten after a while. Versions that do not know the table leave it alone, so the version of the
 * schema stays.
 */
const REVOKED = 'CREATE TABLE IF NOT EXISTS revoked (id TEXT PRIMARY KEY, key TEXT NOT NULL, at INTEGER NOT NULL)';
/** The oldest beyond these are deleted. */
const MOST_REVOKED = 10_000;

/** What is kept of a host that was revoked and forgotten. */
export interface RevokedHost {
  readonly id: string;
  /** Ed25519 public key: SPKI, DER, base64url. */
  readonly key: string;
  /** ms since the Unix epoch. */
  readonly at: number;
}

export interface HubChanges {
  readonly hosts?: readonly HostRecord[];
  readonly forgotten?: readonly string[];
  readonly revoked?: readonly RevokedHost[];
  readonly tokens?: readonly TokenRecord[];
  /** Hashes. */
  readonly endedTokens?: readonly string[];
  readonly events?: readonly HubEvent[];
  readonly writers?: readonly WriterRecord[];
  /** Names. */
  readonly forgottenWriters?: readonly string[];
}

export class HubStore {
  readonly inventories: Inventories;
  /** Of this hub, random. */
  readonly id: string;
  readonly #db: Sqlite;

  /** Opens or creates the file in a directory. @throws DamagedError, or the error of SQLite */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o750 });
    const path = join(directory, HUB_FILE);
    const Database = loadDriver();
    this.#db = privately(path, () => new Database(path));
    try {
      this.#db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`);
      prepareSchema(this.#db);
      this.#db.exec(WRITERS);
      this.id = idOf(this.#db);
      this.inventories = new Inventories(this.#db);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  hosts(): readonly HostRecord[] {
    return this.#records('SELECT record FROM hosts ORDER BY id') as readonly HostRecord[];
  }

  tokens(): readonly TokenRecord[] {
    return this.#records('SELECT record FROM tokens ORDER BY hash') as readonly TokenRecord[];
  }

  writers(): readonly WriterRecord[] {
    return this.#records('SELECT record FROM writers ORDER BY name') as readonly WriterRecord[];
  }

  revoked(): readonly RevokedHost[] {
    return this.#db.prepare('SELECT id, key, at FROM revoked ORDER BY at').all() as readonly RevokedHost[];
  }

  /** The newest first. @param host id; undefined: of all */
  events(host: string | undefined, limit: number): readonly HubEvent[] {
    const where = host === undefined ? '' : 'WHERE host = ?';
    const values = host === undefined ? [limit] : [host, limit];
    return this.#records(`SELECT record FROM events ${where} ORDER BY id DESC LIMIT ?`, values) as readonly HubEvent[];
  }

  /** All or nothing; on disk when it returns. @throws the error of SQLite */
  write(changes: HubChanges): void {
    const { hosts = [], forgotten = [], revoked = [], tokens = [], endedTokens = [], events = [] } = changes;
    const { writers = [], forgottenWriters = [] } = changes;
    const db = this.#db;
    const run = (sql: string, rows: readonly (readonly unknown[])[]) => {
      if (rows.length === 0) return;
      const statement = db.prepare(sql);
      for (const row of rows) statement.run(...row);
    };
    inTransaction(db, () => {
      run(
        'INSERT OR REPLACE INTO hosts (id, record) VALUES (?, ?)',
        hosts.map((host) => [host.id, JSON.stringify(host)]),
      );
      run(
        'DELETE FROM hosts WHERE id = ?',
        forgotten.map((id) => [id]),
      );
      for (const id of forgotten) this.inventories.forget(id);
      run(
        'INSERT OR REPLACE INTO revoked (id, key, at) VALUES (?, ?, ?)',
        revoked.map(({ id, key, at }) => [id, key, at]),
      );
      if (revoked.length > 0)
        run('DELETE FROM revoked WHERE id NOT IN (SELECT id FROM revoked ORDER BY at DESC LIMIT ?)', [[MOST_REVOKED]]);
      run(
        'INSERT OR REPLACE INTO tokens (hash, record) VALUES (?, ?)',
        tokens.map((token) => [token.hash, JSON.stringify(token)]),
      );
      run(
        'DELETE FROM tokens WHERE hash = ?',
        endedTokens.map((hash) => [hash]),
      );
      run(
        'INSERT INTO events (at, host, record) VALUES (?, ?, ?)',
        events.map((event) => [event.at, event.host ?? null, JSON.stringify(event)]),
      );
      run(
        'INSERT OR REPLACE INTO writers (name, record) VALUES (?, ?)',
        writers.map((writer) => [writer.name, JSON.stringify(writer)]),
      );
      run(
        'DELETE FROM writers WHERE name = ?',
        forgottenWriters.map((name) => [name]),
      );
      if (events.length > 0) run('DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?', [[MOST_EVENTS]]);
    });
  }

  close(): void {
    this.#db.close();
  }

  #records(sql: string, values: readonly unknown[] = []): readonly unknown[] {
    const rows = this.#db.prepare(sql).all(...values) as readonly { readonly record: string }[];
    return rows.map(({ record }) => JSON.parse(record) as unknown);
  }
}

function idOf(db: Sqlite): string {
  db.exec(IDENTITY);
  const read = db.prepare('SELECT id FROM identity');
  const known = read.get() as { readonly id: string } | undefined;
  if (known !== undefined) return known.id;
  const id = randomBytes(16).toString('hex');
  db.prepare('INSERT INTO identity (id) VALUES (?)').run(id);
  return id;
}

/** @returns 0 for an empty file @throws DamagedError for that of a newer version */
export function checkVersion(db: Sqlite): number {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > SCHEMA_VERSION) throw new DamagedError(`it was written by a newer healthd (version ${version})`);
  return version;
}

function prepareSchema(db: Sqlite): void {
  if (checkVersion(db) === 0)
    inTransaction(db, () => {
      db.exec(SCHEMA);
    });
  db.exec(REVOKED);
}
