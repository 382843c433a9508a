/**
 * Samples as tables of a temporary database: one for each measurement, with `time` (RFC 3339 in UTC, milliseconds), the tags and the
 * fields as columns. It is SQLite's private one, which nobody else sees: in memory while it is small, else in a file that goes with
 * the process.
 */
import { loadDriver, type Driver, type Sqlite } from '../host/sqlite/driver.ts';
import { errorCode } from '../core/errors.ts';
import { rfc3339 } from '../metric/formats.ts';
import type { SetSamples } from './reader.ts';
import type { Column } from './samples.ts';

export const TIME_COLUMN = 'time';

const TYPES: Readonly<Record<Column['kind'], string>> = {
  float: 'REAL',
  integer: 'INTEGER',
  boolean: 'INTEGER',
  text: 'TEXT',
};

const PAGE_BYTES = 4096;
const CACHE_KIB = 64 * 1024;
/** Of SQLite; more cannot be in a table. */
const MOST_COLUMNS = 2000;
const MOST_STATEMENTS = 500;

/** The samples are more than the database may have. */
export class TooManySamplesError extends Error {
  override readonly name = 'TooManySamplesError';
}

interface Table {
  readonly name: string;
  /** By `tag` or `field` and the key. */
  readonly columns: Map<string, string>;
  readonly names: Names;
}

export class Tables {
  readonly #db: Sqlite;
  readonly #tables = new Map<string, Table>();
  readonly #names = new Names();
  readonly #inserts = new Map<string, ReturnType<Sqlite['prepare']>>();

  /** @param maxBytes of the whole database */
  constructor(maxBytes: number, driver: Driver = loadDriver()) {
    this.#db = new driver('');
    this.#db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA max_page_count = ${Math.ceil(maxBytes / PAGE_BYTES)};
      PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}`);
  }

  /** Creates an empty table, so that a measurement without samples in the range has one. */
  create(measurement: string, tags: readonly string[], fields: readonly Pick<Column, 'name' | 'kind'>[]): void {
    const table = this.#tableOf(measurement);
    for (const key of tags) this.#columnOf(table, 'tag', key, 'TEXT');
    for (const { name, kind } of fields) this.#columnOf(table, 'field', name, TYPES[kind]);
  }

  /** @throws TooManySamplesError, or the error of SQLite */
  fill(all: Iterable<SetSamples>): void {
    try {
      this.#db.exec('BEGIN');
      for (const samples of all) this.#add(samples);
      this.#db.exec('COMMIT');
    } catch (error) {
      if (errorCode(error) === 'SQLITE_FULL') throw new TooManySamplesError('The samples do not fit', { cause: error });
      throw error;
    }
  }

  /** Nothing can be changed from now on. @throws the error of SQLite */
  prepare(statement: string): ReturnType<Sqlite['prepare']> {
    this.#db.exec('PRAGMA query_only = ON');
    return this.#db.prepare(statement).safeIntegers(true);
  }

  close(): void {
    this.#db.close();
  }

  #add({ set, tags, samples: { times, columns } }: SetSamples): void {
    const table = this.#tableOf(set.name);
    const keys = Object.entries(tags);
    const names = [
      TIME_COLUMN,
      ...keys.map(([key]) => this.#columnOf(table, 'tag', key, 'TEXT')),
      ...columns.map(({ name, kind }) => this.#columnOf(table, 'field', name, TYPES[kind])),
    ];
    const insert = this.#insertInto(table, names);
    const values = keys.map(([, value]) => value);
    for (const [row, time] of times.entries()) {
      insert.run([rfc3339(time, '1ms'), ...values, ...columns.map((column) => valueAt(column, row))]);
    }
  }

  #tableOf(measurement: string): Table {
    const known = this.#tables.get(measurement);
    if (known !== undefined) return known;
    // Names that begin so belong to SQLite.
    const name = this.#names.unique(/^sqlite_/i.test(measurement) ? `_${measurement}` : measurement);
    const table: Table = { name, columns: new Map(), names: new Names([TIME_COLUMN]) };
    this.#db.exec(`CREATE TABLE ${quoted(name)} (${TIME_COLUMN} TEXT NOT NULL)`);
    this.#tables.set(measurement, table);
    return table;
  }

  #columnOf(table: Table, kind: 'tag' | 'field', key: string, type: string): string {
    const id = `${kind} ${key}`;
    const known = table.columns.get(id);
    if (known !== undefined) return known;
    if (table.columns.size >= MOST_COLUMNS - 1)
      throw new TooManySamplesError(`"${table.name}" has more than ${MOST_COLUMNS} tags and fields`);
    const name = table.names.unique(key);
    this.#db.exec(`ALTER TABLE ${quoted(table.name)} ADD COLUMN ${quoted(name)} ${type}`);
    table.columns.set(id, name);
    return name;
  }

  #insertInto({ name }: Table, columns: readonly string[]): ReturnType<Sqlite['prepare']> {
    // A field whose type changes within an hour has two columns of samples; each row has a value in one of them.
    const distinct = [...new Set(columns)];
    const values = distinct.map((column) => {
      const places = columns.flatMap((each, index) => (each === column ? [`?${index + 1}`] : []));
      return places.length === 1 ? places[0] : `coalesce(${places.join(', ')})`;
    });
    const sql = `INSERT INTO ${quoted(name)} (${distinct.map(quoted).join(', ')}) VALUES (${values.join(', ')})`;
    const known = this.#inserts.get(sql);
    if (known !== undefined) return known;
    if (this.#inserts.size >= MOST_STATEMENTS) this.#inserts.clear();
    const statement = this.#db.prepare(sql);
    this.#inserts.set(sql, statement);
    return statement;
  }
}

function valueAt({ kind, values, present }: Column, row: number): string | number | bigint | null {
  if (present?.[row] === 0) return null;
  const value = values[row] ?? null;
  return kind === 'boolean' ? BigInt(value === 1) : value;
}

/** Names that differ in more than the case of letters, as SQLite wants them. */
export class Names {
  readonly #used: Set<string>;

  constructor(used: readonly string[] = []) {
    this.#used = new Set(used);
  }

  /** The name, or the name with a number. */
  unique(wanted: string): string {
    const base = wanted.replaceAll('\0', '');
    let name = base;
    for (let number = 2; this.#used.has(name.toLowerCase()) || name === ''; number += 1) name = `${base}_${number}`;
    this.#used.add(name.toLowerCase());
    return name;
  }
}

/** As an identifier in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
