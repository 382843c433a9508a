/**
 * Where alerts are kept across a restart. Everything is small and changes rarely: never once for each sample. All calls are
 * synchronous, and what a call has written is on the disk when it returns (or, without a usable disk, in memory; the
 * implementation has said so).
 */
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { HistoryFilter } from './history-filter.ts';

/** The tables. Values are JSON; a table's reader checks what it reads, as files can be edited and versions change. */
export type CollectionName = 'states' | 'groups' | 'silences' | 'acks' | 'hosts' | 'outbox';

export interface Collection {
  /** In the order of keys. */
  entries(): readonly (readonly [key: string, value: unknown])[];
  get(key: string): unknown;
  /** @param value anything that JSON can hold */
  put(key: string, value: unknown): void;
  delete(key: string): void;
}

export interface AlertStore {
  collection(name: CollectionName): Collection;
  /** All or nothing, also for a process that is killed in between. Calls may be nested; the outermost decides. */
  transaction<T>(work: () => T): T;
  /** Adds to the history, and to `alerts.log`. */
  audit(entry: AuditEntry): void;
  /** Newest first. */
  history(filter: HistoryFilter): readonly AuditEntry[];
  close(): void;
}
