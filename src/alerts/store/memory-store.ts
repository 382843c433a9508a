/** A store that is lost on exit: without a usable disk, and for commands that run once. */
import type { AuditEntry } from '../../plugin/audit-entry.ts';

import { newestFirst } from './history.ts';
import { COLLECTIONS, type AlertStore, type Collection, type CollectionName } from './store.ts';
import { toJson, Transactions, type Change } from './transactions.ts';

export interface MemoryStoreOptions {
  /** Receives every entry of the history, for `alerts.log` and the input `alerts`. */
  readonly onEntry?: (entry: AuditEntry) => void;
  /** Maximum entries of the history. Default 10,000. */
  readonly mostEntries?: number;
}

interface Undoable extends Change {
  readonly before: string | undefined;
}

const MOST_ENTRIES = 10_000;

export function memoryAlertStore({ onEntry, mostEntries = MOST_ENTRIES }: MemoryStoreOptions = {}): AlertStore {
  const history: AuditEntry[] = [];
  /** Values as JSON, so that callers cannot mutate them. */
  const tables = new Map(COLLECTIONS.map((name) => [name, new Map<string, string>()]));
  const apply = ({ collection, key, json }: Change) => {
    if (json === undefined) tables.get(collection)?.delete(key);
    else tables.get(collection)?.set(key, json);
  };
  const transactions = new Transactions<Undoable>({
    commit({ entries }) {
      for (const entry of entries) history.push(entry);
      // Trimmed only at 10 % over the limit, so that not every entry moves all others.
      if (history.length > mostEntries * 1.1) history.splice(0, history.length - mostEntries);
      for (const entry of entries) onEntry?.(entry);
    },
    undo(changes) {
      for (const { before, ...change } of [...changes].reverse()) apply({ ...change, json: before });
    },
  });
  const collection = (name: CollectionName): Collection => {
    const table = tables.get(name);
    if (table === undefined) throw new RangeError(`Unknown collection ${name}`);
    const change = (key: string, json: string | undefined) => {
      transactions.change({ collection: name, key, json, before: table.get(key) });
      apply({ collection: name, key, json });
    };
    return {
      entries: () => [...table.keys()].sort().map((key) => [key, JSON.parse(table.get(key) ?? 'null') as unknown]),
      get: (key) => parsed(table.get(key)),
      put(key, value) {
        change(key, toJson(key, value));
      },
      delete(key) {
        if (table.has(key)) change(key, undefined);
      },
    };
  };
  return {
    collection,
    transaction: (work) => transactions.run(work),
    audit(entry) {
      transactions.audit(entry);
    },
    history: (filter) => newestFirst([...history, ...transactions.uncommitted.entries], filter),
    close() {},
  };
}

function parsed(json: string | undefined): unknown {
  return json === undefined ? undefined : (JSON.parse(json) as unknown);
}
