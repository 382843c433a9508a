/**
 * What was committed goes to the disk at once. While that fails (disk full, read-only, input/output errors), the newest
 * values are held and the whole is tried again: nobody who commits hears of it, the log does, once.
 */
import type { Logger } from '../../core/logger.ts';

import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { AlertDatabase } from './database.ts';
import { describeStoreError } from './sqlite-error.ts';
import type { Change, Commit } from './tables.ts';

/** Of the history that could not be written; older ones are given up. */
const MOST_ENTRIES = 10_000;

export class WriteBehind {
  readonly #database: Pick<AlertDatabase, 'write'>;
  readonly #log: Logger;
  /** By table and key, in the order of their first change. */
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

  /** Of the history, in the order in which they were added. */
  get unwritten(): readonly AuditEntry[] {
    return this.#entries;
  }

  commit({ changes, entries }: Commit): void {
    for (const change of changes) this.#changes.set(`${change.collection} ${change.key}`, change);
    this.#entries.push(...entries);
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
    this.#log.warn(
      `The state of alerts cannot be written and is kept in memory until that works again: ${describeStoreError(error)}`,
    );
  }

  #succeeded(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#log.info(
      'The state of alerts is written again',
      this.#lost === 0 ? {} : { lost_history_entries: this.#lost },
    );
    this.#lost = 0;
  }
}
