/**
 * The persistent state of alerts. It is small and changes rarely, never per sample. All calls are synchronous and durable:
 * a change is on disk when the call returns, or, without a usable disk, in memory, which the implementation has logged.
 */
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { HistoryFilter } from './history-filter.ts';

/** Names of the collections. Values are JSON, and readers validate them: files can be edited, and versions differ. */
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
  'handed_over',
  'handed_in',
  'deeds',
] as const;

export type CollectionName = (typeof COLLECTIONS)[number];

/** Read at the start: what is used later is kept by its owner. */
export interface Collection {
  /** In the order of keys. */
  entries(): readonly (readonly [key: string, value: unknown])[];
  get(key: string): unknown;
  /** @param value any JSON value */
  put(key: string, value: unknown): void;
  delete(key: string): void;
}

export interface AlertStore {
  collection(name: CollectionName): Collection;
  /** Atomic, also if the process is killed. Calls may be nested; the outermost commits. */
  transaction<T>(work: () => T): T;
  /** Adds to the history, and to `alerts.log`. */
  audit(entry: AuditEntry): void;
  /** Newest first. */
  history(filter: HistoryFilter): readonly AuditEntry[];
  close(): void;
}
