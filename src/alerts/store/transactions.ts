/** Nested transactions over the collections: the outermost hands over its changes as one commit, or drops them if it fails. */
import type { AuditEntry } from '../../plugin/audit-entry.ts';

import type { CollectionName } from './store.ts';

export interface Change {
  readonly collection: CollectionName;
  readonly key: string;
  /** Undefined: deleted. */
  readonly json: string | undefined;
}

/** The changes of one transaction. */
export interface Commit<C extends Change = Change> {
  readonly changes: readonly C[];
  readonly entries: readonly AuditEntry[];
}

export interface TransactionsOptions<C extends Change> {
  readonly commit: (commit: Commit<C>) => void;
  /** The changes of a transaction that failed, oldest first. */
  readonly undo?: (changes: readonly C[]) => void;
}

export class Transactions<C extends Change = Change> {
  readonly #options: TransactionsOptions<C>;
  #depth = 0;
  #changes: C[] = [];
  #entries: AuditEntry[] = [];

  constructor(options: TransactionsOptions<C>) {
    this.#options = options;
  }

  /** Of the current transaction. */
  get uncommitted(): Commit<C> {
    return { changes: this.#changes, entries: this.#entries };
  }

  run<T>(work: () => T): T {
    this.#depth += 1;
    let isDone = false;
    try {
      const result = work();
      isDone = true;
      return result;
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) this.#end(isDone);
    }
  }

  change(change: C): void {
    this.run(() => this.#changes.push(change));
  }

  audit(entry: AuditEntry): void {
    this.run(() => this.#entries.push(entry));
  }

  #end(isDone: boolean): void {
    const commit = this.uncommitted;
    this.#changes = [];
    this.#entries = [];
    if (!isDone) this.#options.undo?.(commit.changes);
    else if (commit.changes.length + commit.entries.length > 0) this.#options.commit(commit);
  }
}

/** @throws TypeError for a value that JSON cannot express */
export function toJson(key: string, value: unknown): string {
  // JSON.stringify gives undefined for undefined and functions, which its declared type omits.
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError(`The value of ${key} cannot be written as JSON`);
  return json;
}
