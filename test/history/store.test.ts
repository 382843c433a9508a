import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { migrate, SCHEMA_VERSION } from '../../src/history/store/schema.ts';
import { loadDriver } from '../../src/host/sqlite/driver.ts';

/** As the first version made them. */
const FIRST = `
  CREATE TABLE sets (
    id INTEGER PRIMARY KEY, host TEXT NOT NULL, name TEXT NOT NULL, tags TEXT NOT NULL, UNIQUE (host, name, tags));
  CREATE TABLE blocks (
    id INTEGER PRIMARY KEY, set_id INTEGER NOT NULL, level INTEGER NOT NULL, from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL, codec INTEGER NOT NULL, blob BLOB NOT NULL);
  CREATE UNIQUE INDEX blocks_place ON blocks (set_id, level, from_ms);
  CREATE INDEX blocks_age ON blocks (level, from_ms);
  CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO sets (host, name, tags) VALUES ('', 'cpu', '{}');
  INSERT INTO facts (name, value) VALUES ('closed_before', 42);
  PRAGMA user_version = 1`;

test('a file of the first version is brought up to date, and keeps what it has', () => {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-schema-'));
  const Database = loadDriver();
  const old = new Database(join(folder, 'history.db'));
  const fresh = new Database(':memory:');
  try {
    old.exec(FIRST);
    migrate(old);
    migrate(old);
    migrate(fresh);
    const schema = (db: typeof old) => db.prepare('SELECT name, type FROM sqlite_master ORDER BY name').all();
    expect(schema(old)).toEqual(schema(fresh));
    expect(old.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: SCHEMA_VERSION });
    expect(old.prepare('SELECT name FROM sets').all()).toEqual([{ name: 'cpu' }]);
    expect(old.prepare('SELECT value FROM facts').all()).toEqual([{ value: 42 }]);
    expect(old.prepare('SELECT count(*) AS count FROM frames').get()).toMatchObject({ count: 0 });
  } finally {
    old.close();
    fresh.close();
    rmSync(folder, { recursive: true });
  }
});
