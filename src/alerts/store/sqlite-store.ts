/**
 * The store on disk. Every change is written at once; what cannot be written is kept in memory. The file is read at the start
 * and for the history. Alerting continues whatever happens to the disk or the file.
 */
import { accessSync, constants, existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import { loadDriver, type Driver } from '../../host/sqlite/driver.ts';
import { moveAside } from '../../host/sqlite/move-aside.ts';
import { DamagedError, describeStoreError, isDamage } from '../../host/sqlite/sqlite-error.ts';

import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { HistoryFilter } from './history-filter.ts';
import { openDatabase, type AlertDatabase } from './database.ts';
import { newestFirst } from './history.ts';
import { lateDatabase } from './late-database.ts';
import { memoryAlertStore } from './memory-store.ts';
import { COLLECTIONS, type AlertStore, type Collection, type CollectionName } from './store.ts';
import { toJson, Transactions } from './transactions.ts';
import { WriteBehind } from './write-behind.ts';

export interface AlertStoreOptions {
  /** Directory of `alerts.db`; created if it is missing. */
  readonly directory: string;
  readonly log: Logger;
  /** Receives every entry of the history, for `alerts.log` and the input `alerts`. */
  readonly onEntry: (entry: AuditEntry) => void;
  readonly clock: Clock;
  /** Retention of the history, ms. Default 90 days. */
  readonly retention?: number;
  /** Loads the SQLite package. */
  readonly driver?: () => Driver;
}

const DAY_MS = 86_400_000;
const DEFAULT_RETENTION_MS = 90 * DAY_MS;
/** Maximum entries deleted at a time, which takes some ms. */
const PRUNE_STEP = 500;
const PRUNE_EVERY_MS = 60_000;
/** Retry interval of failed writes, and interval of pruning while there is more to delete. ms. */
const SOON_MS = 5000;

/** Reads the file if there is one. */
export function openAlertStore(options: AlertStoreOptions): AlertStore {
  const { directory, log, clock, driver: load = loadDriver } = options;
  const path = join(directory, 'alerts.db');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o750 });
    // Also a link to nowhere is there.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
      accessSync(directory, constants.W_OK);
      return new SqliteStore(
        lateDatabase(() => openDatabase(load(), path)),
        options,
      );
    }
    const driver = load();
    try {
      return new SqliteStore(openSound(path, driver), options);
    } catch (error) {
      if (!isDamage(error)) throw error;
      const aside = moveAside(path, clock.now());
      const store = new SqliteStore(openSound(path, driver), options);
      log.warn(`Cannot use ${path}; moved it aside, alert state starts empty: ${describeStoreError(error)}`, { aside });
      store.audit({ at: clock.now(), kind: 'agent', reason: 'damaged_store', detail: { aside } });
      return store;
    }
  } catch (error) {
    log.warn(`Alert state is kept in memory only and will be lost on exit: ${path}: ${describeStoreError(error)}`);
    return memoryAlertStore(options);
  }
}

/** Opens and checks the file, or creates it. @throws DamagedError */
function openSound(path: string, driver: Driver): AlertDatabase {
  // SQLite would treat an empty file as a new database, but it is one that a power failure has truncated.
  if (existsSync(path) && statSync(path).size === 0) throw new DamagedError('it is empty');
  const database = openDatabase(driver, path);
  try {
    for (const name of COLLECTIONS) {
      for (const { key, value } of database.rows(name)) checkJson(key, value);
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkJson(key: string, json: string): void {
  try {
    JSON.parse(json);
  } catch {
    throw new DamagedError(`the value of ${key} is not JSON`);
  }
}

class SqliteStore implements AlertStore {
  readonly #database: AlertDatabase;
  readonly #options: AlertStoreOptions;
  readonly #disk: WriteBehind;
  readonly #transactions: Transactions;
  /** Operations on the history that have failed; each is logged once. */
  readonly #failed = new Set<string>();
  #cancelUpkeep: () => void = () => undefined;
  #isClosed = false;

  constructor(database: AlertDatabase, options: AlertStoreOptions) {
    this.#database = database;
    this.#options = options;
    this.#disk = new WriteBehind(database, options.log);
    this.#transactions = new Transactions({
      commit: (commit) => {
        if (!this.#isClosed) this.#disk.commit(commit);
        for (const entry of commit.entries) options.onEntry(entry);
      },
    });
    this.#upkeep();
  }

  collection(name: CollectionName): Collection {
    return {
      entries: () => {
        const rows = [...this.#rows(name)].sort(([a], [b]) => (a < b ? -1 : 1));
        return rows.map(([key, json]) => [key, JSON.parse(json) as unknown]);
      },
      get: (key) => {
        const json = this.#rows(name).get(key);
        return json === undefined ? undefined : (JSON.parse(json) as unknown);
      },
      put: (key, value) => {
        this.#transactions.change({ collection: name, key, json: toJson(key, value) });
      },
      delete: (key) => {
        this.#transactions.change({ collection: name, key, json: undefined });
      },
    };
  }

  transaction<T>(work: () => T): T {
    return this.#transactions.run(work);
  }

  audit(entry: AuditEntry): void {
    this.#transactions.audit(entry);
  }

  history(filter: HistoryFilter): readonly AuditEntry[] {
    const inMemory = newestFirst([...this.#disk.unwritten, ...this.#transactions.uncommitted.entries], filter);
    return [...inMemory, ...this.#written(filter)].sort((a, b) => b.at - a.at).slice(0, filter.limit);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#cancelUpkeep();
    this.#disk.flush();
    this.#isClosed = true;
    this.#attempt('close', () => {
      this.#database.close();
    });
  }

  /** By key, as JSON. */
  #rows(name: CollectionName): ReadonlyMap<string, string> {
    const written = this.#isClosed ? [] : (this.#attempt('read', () => this.#database.rows(name)) ?? []);
    const rows = new Map(written.map(({ key, value }) => [key, value]));
    const uncommitted = this.#transactions.uncommitted.changes.filter(({ collection }) => collection === name);
    for (const { key, json } of [...this.#disk.unwrittenIn(name), ...uncommitted]) {
      if (json === undefined) rows.delete(key);
      else rows.set(key, json);
    }
    return rows;
  }

  #written(filter: HistoryFilter): readonly AuditEntry[] {
    if (this.#isClosed) return [];
    return this.#attempt('read', () => this.#database.history(filter)) ?? [];
  }

  /** Retries failed writes, and prunes the history. */
  #upkeep(): void {
    const { clock, retention = DEFAULT_RETENTION_MS } = this.#options;
    if (this.#disk.isFailing) this.#disk.flush();
    const pruned = this.#disk.isFailing
      ? 0
      : this.#attempt('prune', () => this.#database.prune(clock.now() - retention, PRUNE_STEP));
    const isMore = this.#disk.isFailing || pruned === PRUNE_STEP;
    this.#cancelUpkeep = clock.after(isMore ? SOON_MS : PRUNE_EVERY_MS, () => {
      this.#upkeep();
    });
  }

  /** @param operation a verb, for the log */
  #attempt<T>(operation: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!this.#failed.has(operation)) {
        this.#options.log.warn(`Cannot ${operation} the alert history: ${describeStoreError(error)}`);
      }
      this.#failed.add(operation);
      return undefined;
    }
  }
}
