/** What is asked of the audit log. */
import type { AuditEntry } from '../../plugin/audit-entry.ts';

export interface HistoryFilter {
  /** ms since the Unix epoch; this moment is within. */
  readonly since?: number;
  /** This one is not. */
  readonly until?: number;
  readonly fingerprint?: string;
  readonly rule?: string;
  readonly host?: string;
  readonly kinds?: readonly AuditEntry['kind'][];
  /** Most entries. */
  readonly limit: number;
}
