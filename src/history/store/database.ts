/** The SQL of `history.db`. Knows rows, not what is in a block. */
import { inTransaction, type Driver, type Sqlite } from '../../host/sqlite/driver.ts';
import { privately } from '../../host/sqlite/private-files.ts';
import { readOnly } from '../../host/sqlite/read-only.ts';
import type { Tags } from '../../metric/metric.ts';
import { BLOCK_VERSION } from '../codec/block.ts';
import type { CorruptBlockError } from '../codec/corrupt-block.ts';
import { EventStore } from '../events/event-store.ts';
import { Heartbeat } from '../events/heartbeat.ts';
import { FrameStore } from '../processes/frame-store.ts';
import { keyOfSpelled, spellTags, type SeriesSet } from '../series-set.ts';
import { DAY_MS, SPAN_MS } from '../spans.ts';
import { LEVELS, migrate, SCHEMA_VERSION, versionOf, type Level } from './schema.ts';

/** SQLite's busy timeout, ms. Blocks while another process holds the lock. */
const BUSY_MS = 250;

/** A block takes a few KB: smaller pages waste less at its end. */
const PAGE_BYTES = 1024;

/** Pages given back to the file system at a time. */
const VACUUM_PAGES = 256;

export interface StoredBlock {
  readonly id: number;
  /** Times of the first and the last row, ms since the Unix epoch. */
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

export interface StoredSet extends SeriesSet {
  readonly id: number;
}

/** All methods are synchronous and throw the errors of SQLite. */
export interface HistoryDatabase {
  sets(): readonly StoredSet[];
  /** Of the sets, as `keyOf` makes them. */
  setKeys(): readonly { readonly host: string; readonly key: string }[];
  /** Hosts with samples or a name, by their ids. */
  hosts(): readonly { readonly id: string; readonly name: string | undefined }[];
  /** The name that a host has from now on. */
  nameHost(id: string, name: string): void;
  /** Undefined if nothing of it is stored. */
  findSet(set: SeriesSet): number | undefined;
  /** Creates it if it is missing. */
  setId(set: SeriesSet): number;
  /** Those with a row from `from` to `to` (exclusive), oldest first. */
  blocks(set: number, level: Level, from: number, to: number): readonly StoredBlock[];
  newest(set: number, level: Level): StoredBlock | undefined;
  addBlock(set: number, level: Level, block: Omit<StoredBlock, 'id'>): void;
  removeBlock(id: number): void;
  /** Starts of the spans with raw blocks that begin from `from` to `to` (exclusive), ms, oldest first. */
  rawSpans(from: number, to: number): readonly number[];
  /** Sets with raw samples or minutes from `from` to `to` (exclusive). */
  setsIn(from: number, to: number): readonly number[];
  /** Time of the oldest raw sample or minute at or after a time; ms. */
  oldestFrom(time: number): number | undefined;
  /** Deletes blocks that end before a time, oldest first. @returns their number, fewer than `most` if none are left */
  prune(level: Level, before: number, most: number): number;
  /** Deletes sets without blocks. */
  pruneSets(most: number): void;
  /** Deletes blocks of a host, and its sets and its name when there are none. @returns the number of deleted blocks */
  forgetHost(host: string, most: number): number;
  /** Start of the oldest block, of all sets or of one. */
  oldest(level: Level, set?: number): number | undefined;
  /** End of the block that begins first. */
  oldestEnd(level: Level): number | undefined;
  /** Samples before this time, ms, are in roll-ups; undefined if none are, or not yet all of them. */
  rolledUpTo: number | undefined;
  /** Raw samples before this time, ms, are refused: blocks of their hours may be gone. */
  closedBefore: number;
  /** The value of the tag `host` that the agent's own metrics had last; undefined if none was set. */
  ownName: string | undefined;
  /** Of the file, without free pages. */
  readonly usedBytes: number;
  /** Gives back some free pages. */
  shrink(): void;
  readonly frames: FrameStore;
  readonly events: EventStore;
  readonly heartbeat: Heartbeat;
  transaction<Result>(work: () => Result): Result;
  /** Brings the write-ahead log into the file. */
  checkpoint(): void;
  /** The same, and goes on without such a log, until the file is opened again. */
  becomeOneFile(): void;
  close(): void;
}

/**
 * Opens the file, or creates it.
 *
 * @param onCorrupt called for frames of processes that cannot be read
 * @throws NewerHistoryError, or the error of SQLite, which has a `code`
 */
export function openDatabase(
  Database: Driver,
  path: string,
  onCorrupt: (error: CorruptBlockError) => void,
): HistoryDatabase {
  return privately(path, () => {
    const db = new Database(path);
    try {
      db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
      // Before anything is written, as `auto_vacuum` does each time.
      versionOf(db);
      db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL`);
      // Acknowledged lines leave the journal, so that a commit has to be on the disk.
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      migrate(db);
      return operations(db, onCorrupt);
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/**
 * Opens the file to read it, while an agent writes or without one. Nothing is written: `mode=ro` of SQLite, which still takes the
 * write-ahead log into account.
 *
 * @throws Error if there is no file or it has the format of another version, or the error of SQLite
 */
export function openReadOnly(
  Database: Driver,
  path: string,
  onCorrupt: (error: CorruptBlockError) => void,
): HistoryDatabase {
  const db = readOnly(Database, path);
  try {
    const version = versionOf(db);
    if (version < SCHEMA_VERSION)
      throw new Error(
        `${path} was written by an older healthd (version ${version}); start the agent once, it converts it`,
      );
    db.exec('PRAGMA query_only = ON');
    return operations(db, onCorrupt);
  } catch (error) {
    db.close();
    throw error;
  }
}

function operations(db: Sqlite, onCorrupt: (error: CorruptBlockError) => void): HistoryDatabase {
  const one = (pragma: string) => Object.values(db.prepare(`PRAGMA ${pragma}`).get() as Record<string, number>)[0] ?? 0;
  const readFact = db.prepare('SELECT value FROM facts WHERE name = ?');
  const writeFact = db.prepare(
    'INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  const fact = (name: string) => (readFact.get(name) as { value: number | string } | undefined)?.value;
  // Each query asks. A reader beside the agent goes on with what was when it opened: the samples are there still.
  const found = fact('rolled_up_to');
  let rolledUpTo = found === undefined ? undefined : Number(found);
  return {
    frames: new FrameStore(db, onCorrupt),
    events: new EventStore(db),
    heartbeat: new Heartbeat(db),
    ...setOperations(db),
    ...blockOperations(db),
    get closedBefore() {
      return Number(fact('closed_before') ?? 0);
    },
    set closedBefore(time) {
      writeFact.run('closed_before', time);
    },
    get rolledUpTo() {
      return rolledUpTo;
    },
    set rolledUpTo(time) {
      if (time !== undefined) writeFact.run('rolled_up_to', time);
      rolledUpTo = time;
    },
    get ownName() {
      const name = fact('own_name');
      return name === undefined ? undefined : String(name).slice(1);
    },
    set ownName(name) {
      // The column has integers: without a letter before it, a name of digits would become one.
      if (name !== undefined) writeFact.run('own_name', `=${name}`);
    },
    get usedBytes() {
      return (one('page_count') - one('freelist_count')) * one('page_size');
    },
    shrink() {
      // As a query: each step gives back one page.
      db.prepare(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`).all();
    },
    transaction: (work) => inTransaction(db, work),
    checkpoint() {
      db.pragma('wal_checkpoint(TRUNCATE)');
    },
    becomeOneFile() {
      db.exec('PRAGMA journal_mode = DELETE');
    },
    close() {
      db.close();
    },
  };
}

type SetOperations = Pick<
  HistoryDatabase,
  'sets' | 'setKeys' | 'hosts' | 'nameHost' | 'findSet' | 'setId' | 'pruneSets' | 'forgetHost'
>;

function setOperations(db: Sqlite): SetOperations {
  const find = db.prepare('SELECT id FROM sets WHERE host = ? AND name = ? AND tags = ?');
  const add = db.prepare('INSERT INTO sets (host, name, tags) VALUES (?, ?, ?)');
  const pruneSets = db.prepare(`DELETE FROM sets WHERE id IN (
    SELECT id FROM sets WHERE NOT EXISTS (SELECT 1 FROM blocks WHERE set_id = sets.id) LIMIT ?)`);
  const forget = db.prepare(`DELETE FROM blocks WHERE id IN (
    SELECT blocks.id FROM sets JOIN blocks ON set_id = sets.id WHERE host = ? LIMIT ?)`);
  const forgetSets = db.prepare('DELETE FROM sets WHERE host = ?');
  const forgetName = db.prepare('DELETE FROM hosts WHERE id = ?');
  const hosts = db.prepare(`SELECT ids.id, hosts.name FROM (SELECT id FROM hosts UNION SELECT host FROM sets) AS ids
    LEFT JOIN hosts ON hosts.id = ids.id ORDER BY ids.id`);
  const nameHost = db.prepare(
    'INSERT INTO hosts (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name',
  );
  const findSet = ({ host, name, tags }: SeriesSet) =>
    (find.get(host, name, spellTags(tags)) as { id: number } | undefined)?.id;
  return {
    sets() {
      const rows = db.prepare('SELECT id, host, name, tags FROM sets').all() as (StoredSet & { tags: string })[];
      return rows.map(({ id, host, name, tags }) => ({ id, host, name, tags: JSON.parse(tags) as Tags }));
    },
    setKeys() {
      const rows = db.prepare('SELECT host, name, tags FROM sets').all() as (SeriesSet & { tags: string })[];
      return rows.map(({ host, name, tags }) => ({ host, key: keyOfSpelled(host, name, tags) }));
    },
    hosts: () =>
      (hosts.all() as { id: string; name: string | null }[]).map(({ id, name }) => ({ id, name: name ?? undefined })),
    nameHost(id, name) {
      nameHost.run(id, name);
    },
    findSet,
    setId: (set) => findSet(set) ?? Number(add.run(set.host, set.name, spellTags(set.tags)).lastInsertRowid),
    pruneSets(most) {
      pruneSets.run(most);
    },
    forgetHost(host, most) {
      const { changes } = forget.run(host, most);
      if (changes < most) {
        forgetSets.run(host);
        forgetName.run(host);
      }
      return changes;
    },
  };
}

type BlockOperations = Pick<
  HistoryDatabase,
  | 'blocks'
  | 'newest'
  | 'rawSpans'
  | 'setsIn'
  | 'oldestFrom'
  | 'addBlock'
  | 'removeBlock'
  | 'prune'
  | 'oldest'
  | 'oldestEnd'
>;

function blockOperations(db: Sqlite): BlockOperations {
  // Blocks do not overlap: of those that begin before `from`, only the last one can reach into the range.
  const select = db.prepare(`SELECT id, from_ms, to_ms, blob FROM blocks
    WHERE set_id = ?1 AND level = ?2 AND from_ms < ?4 AND to_ms >= ?3 AND from_ms >= coalesce(
      (SELECT max(from_ms) FROM blocks WHERE set_id = ?1 AND level = ?2 AND from_ms <= ?3), ?3)
    ORDER BY from_ms`);
  const newest = db.prepare(
    'SELECT id, from_ms, to_ms, blob FROM blocks WHERE set_id = ? AND level = ? ORDER BY from_ms DESC LIMIT 1',
  );
  const spans = db.prepare(`SELECT DISTINCT from_ms / ${SPAN_MS} AS span FROM blocks
    WHERE level = ? AND from_ms >= ? AND from_ms < ? ORDER BY span`);
  // No block of these levels is longer than a day, which those of minutes were in version 3.
  const recent = `FROM blocks WHERE level IN (${LEVELS.raw}, ${LEVELS.minutes}) AND from_ms > ?1 - ${DAY_MS} AND to_ms >= ?1`;
  const setsIn = db.prepare(`SELECT DISTINCT set_id ${recent} AND from_ms < ?2 ORDER BY set_id`).pluck();
  const oldestFrom = db.prepare(`SELECT max(?1, min(from_ms)) AS time ${recent}`);
  const insert = db.prepare(
    'INSERT INTO blocks (set_id, level, from_ms, to_ms, codec, blob) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const remove = db.prepare('DELETE FROM blocks WHERE id = ?');
  const prune = db.prepare(`DELETE FROM blocks WHERE id IN (
    SELECT id FROM blocks WHERE level = ?1 AND from_ms < ?2 AND to_ms < ?2 ORDER BY from_ms LIMIT ?3)`);
  const oldest = db.prepare('SELECT min(from_ms) AS time FROM blocks WHERE level = ?');
  const oldestEnd = db.prepare('SELECT to_ms AS time FROM blocks WHERE level = ? ORDER BY from_ms LIMIT 1');
  const oldestOf = db.prepare('SELECT min(from_ms) AS time FROM blocks WHERE set_id = ? AND level = ?');
  return {
    blocks(set, level, from, to) {
      return (select.all(set, LEVELS[level], from, to) as BlockRow[]).map(blockOf);
    },
    newest(set, level) {
      const row = newest.get(set, LEVELS[level]) as BlockRow | undefined;
      return row && blockOf(row);
    },
    rawSpans(from, to) {
      const rows = spans.all(LEVELS.raw, from, to) as { span: number }[];
      return rows.map(({ span }) => span * SPAN_MS);
    },
    setsIn: (from, to) => setsIn.all(from, to) as number[],
    oldestFrom: (time) => (oldestFrom.get(time) as { time: number | null }).time ?? undefined,
    addBlock(set, level, { from, to, bytes }) {
      insert.run(set, LEVELS[level], from, to, BLOCK_VERSION, bytes);
    },
    removeBlock(id) {
      remove.run(id);
    },
    prune: (level, before, most) => prune.run(LEVELS[level], before, most).changes,
    oldestEnd: (level) => (oldestEnd.get(LEVELS[level]) as { time: number } | undefined)?.time,
    oldest(level, set) {
      const row = set === undefined ? oldest.get(LEVELS[level]) : oldestOf.get(set, LEVELS[level]);
      return (row as { time: number | null }).time ?? undefined;
    },
  };
}

interface BlockRow {
  readonly id: number;
  readonly from_ms: number;
  readonly to_ms: number;
  /** As libsql gives it. */
  readonly blob: ArrayBuffer;
}

function blockOf({ id, from_ms, to_ms, blob }: BlockRow): StoredBlock {
  return { id, from: from_ms, to: to_ms, bytes: Buffer.from(blob) };
}
