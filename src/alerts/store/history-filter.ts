/** A query of the history. */
import type { AuditEntry } from '../../plugin/audit-entry.ts';

export interface HistoryFilter {
  /** ms since the Unix epoch, inclusive. */
  readonly since?: number;
  /** ms since the Unix epoch, exclusive. */
  readonly until?: number;
  readonly fingerprint?: string;
  readonly rule?: string;
  readonly host?: string;
  readonly kinds?: readonly AuditEntry['kind'][];
  /** Maximum number of entries. */
  readonly limit: number;
}
