/** A store that forgets at the end: without a usable disk, and for commands that run once. */
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import { newestFirst } from './history.ts';
import type { AlertStore } from './store.ts';
import { Tables } from './tables.ts';

export interface MemoryStoreOptions {
  /** Told of each entry of the audit log, for `alerts.log` and others. */
  readonly onEntry?: (entry: AuditEntry) => void;
  /** How many entries of the history are kept. */
  readonly mostEntries?: number;
}

const MOST_ENTRIES = 10_000;

export function memoryAlertStore({ onEntry, mostEntries = MOST_ENTRIES }: MemoryStoreOptions = {}): AlertStore {
  const history: AuditEntry[] = [];
  const tables = new Tables(({ entries }) => {
    history.push(...entries);
    // A tenth more at times, so that not each entry moves all others.
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
