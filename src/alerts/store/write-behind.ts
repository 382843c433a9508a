/**
 * Writes every commit to disk immediately. While that fails (disk full, read-only, I/O errors), the newest values are kept in
 * memory and retried. Callers do not notice; the failure is logged once.
 */
import type { Logger } from '../../core/logger.ts';

import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { AlertDatabase } from './database.ts';
import { describeStoreError } from '../../host/sqlite/sqlite-error.ts';
import type { CollectionName } from './store.ts';
import type { Change, Commit } from './transactions.ts';

/** Maximum unwritten history entries; older ones are dropped. */
const MOST_ENTRIES = 10_000;

export class WriteBehind {
  readonly #database: Pick<AlertDatabase, 'write'>;
  readonly #log: Logger;
  /** Latest change by collection and key. */
  readonly #changes = new Map<string, Change>();
  #entries: AuditEntry[] = [];
  #isFailing = false;
  #lost = 0;

  constructor(database: Pick<AlertDatabase, 'write'>, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** History entries that are not on disk yet, oldest first. */
  get unwritten(): readonly AuditEntry[] {
    return this.#entries;
  }

  /** Values that are not on disk yet. */
  unwrittenIn(collection: CollectionName): readonly Change[] {
    return [...this.#changes.values()].filter((change) => change.collection === collection);
  }

  commit({ changes, entries }: Commit): void {
    for (const change of changes) this.#changes.set(`${change.collection} ${change.key}`, change);
    for (const entry of entries) this.#entries.push(entry);
    const surplus = this.#entries.length - MOST_ENTRIES;
    if (surplus > 0) this.#lost += this.#entries.splice(0, surplus).length;
    this.flush();
  }

  flush(): void {
    if (this.#changes.size + this.#entries.length === 0) return;
    try {
      this.#database.write({ changes: [...this.#changes.values()], entries: this.#entries });
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.#changes.clear();
    this.#entries = [];
    this.#succeeded();
  }

  #failed(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#log.warn(`Cannot write alert state; keeping it in memory until writes succeed: ${describeStoreError(error)}`);
  }

  #succeeded(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#log.info(
      'Alert state is written to disk again',
      this.#lost === 0 ? {} : { lost_history_entries: this.#lost },
    );
    this.#lost = 0;
  }
}
