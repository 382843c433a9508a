/** A store that is lost on exit: without a usable disk, and for commands that run once. */
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import { newestFirst } from './history.ts';
import type { AlertStore } from './store.ts';
import { Tables } from './tables.ts';

export interface MemoryStoreOptions {
  /** Receives every entry of the history, for `alerts.log` and the input `alerts`. */
  readonly onEntry?: (entry: AuditEntry) => void;
  /** Maximum entries of the history. Default 10,000. */
  readonly mostEntries?: number;
}

const MOST_ENTRIES = 10_000;

export function memoryAlertStore({ onEntry, mostEntries = MOST_ENTRIES }: MemoryStoreOptions = {}): AlertStore {
  const history: AuditEntry[] = [];
  const tables = new Tables(({ entries }) => {
    history.push(...entries);
    // Trimmed only at 10 % over the limit, so that not every entry moves all others.
    if (history.length > mostEntries * 1.1) history.splice(0, history.length - mostEntries);
    for (const entry of entries) onEntry?.(entry);
  });
  return {
    collection: (name) => tables.collection(name),
    transaction: (work) => tables.transaction(work),
    audit: (entry) => {
      tables.audit(entry);
    },
    history: (filter) => newestFirst([...history, ...tables.uncommitted], filter),
    close() {},
  };
}
