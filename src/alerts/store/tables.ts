/**
 * The collections in memory, with transactions. The outermost transaction hands over all changes as one commit when it ends; a
 * failed one is rolled back. Values are stored as JSON, so that callers cannot mutate them.
 */
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { Collection, CollectionName } from './store.ts';

export const COLLECTIONS = [
  'states',
  'facts',
  'ledger',
  'attempts',
  'receivers',
  'deferred',
  'silences',
  'acks',
  'hosts',
] as const satisfies CollectionName[];

export interface Change {
  readonly collection: CollectionName;
  readonly key: string;
  /** Undefined: deleted. */
  readonly json: string | undefined;
}

export type Row = readonly [collection: CollectionName, key: string, json: string];

/** The changes of one transaction. */
export interface Commit {
  readonly changes: readonly Change[];
  readonly entries: readonly AuditEntry[];
}

interface Undoable extends Change {
  readonly before: string | undefined;
}

export class Tables {
  readonly #tables = new Map<CollectionName, Map<string, string>>(COLLECTIONS.map((name) => [name, new Map()]));
  readonly #onCommit: (commit: Commit) => void;
  #depth = 0;
  #changes: Undoable[] = [];
  #entries: AuditEntry[] = [];

  constructor(onCommit: (commit: Commit) => void) {
    this.#onCommit = onCommit;
  }

  /** Loads rows from disk, without a commit. */
  load(rows: readonly Row[]): void {
    for (const [collection, key, json] of rows) this.#table(collection).set(key, json);
  }

  /** Entries of the current transaction. */
  get uncommitted(): readonly AuditEntry[] {
    return this.#entries;
  }

  collection(name: CollectionName): Collection {
    const table = this.#table(name);
    return {
      entries: () =>
        [...table.keys()].sort().map((key) => [key, JSON.parse(table.get(key) ?? 'null') as unknown] as const),
      get: (key) => {
        const json = table.get(key);
        return json === undefined ? undefined : (JSON.parse(json) as unknown);
      },
      put: (key, value) => {
        // JSON.stringify gives undefined for undefined and functions, which its declared type omits.
        const json = JSON.stringify(value) as string | undefined;
        if (json === undefined) throw new TypeError(`The value of ${key} cannot be written as JSON`);
        this.#change({ collection: name, key, json });
      },
      delete: (key) => {
        if (table.has(key)) this.#change({ collection: name, key, json: undefined });
      },
    };
  }

  transaction<T>(work: () => T): T {
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

  audit(entry: AuditEntry): void {
    this.transaction(() => this.#entries.push(entry));
  }

  #change(change: Change): void {
    this.transaction(() => {
      const before = this.#table(change.collection).get(change.key);
      this.#changes.push({ ...change, before });
      this.#apply(change);
    });
  }

  #end(isDone: boolean): void {
    const commit = { changes: this.#changes, entries: this.#entries };
    this.#changes = [];
    this.#entries = [];
    if (!isDone) {
      for (const { before, ...change } of commit.changes.reverse()) this.#apply({ ...change, json: before });
    } else if (commit.changes.length + commit.entries.length > 0) {
      this.#onCommit(commit);
    }
  }

  #apply({ collection, key, json }: Change): void {
    if (json === undefined) this.#table(collection).delete(key);
    else this.#table(collection).set(key, json);
  }

  #table(name: CollectionName): Map<string, string> {
    const table = this.#tables.get(name);
    if (table === undefined) throw new RangeError(`Unknown collection ${name}`);
    return table;
  }
}
