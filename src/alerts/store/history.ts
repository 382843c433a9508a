/** Queries entries of the history in memory. */
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { HistoryFilter } from './history-filter.ts';

export function matches(entry: AuditEntry, filter: HistoryFilter): boolean {
  const { since = -Infinity, until = Infinity, kinds } = filter;
  if (entry.at < since || entry.at >= until) return false;
  if (kinds !== undefined && !kinds.includes(entry.kind)) return false;
  const { fingerprint } = filter;
  if (fingerprint !== undefined && fingerprint !== entry.fingerprint && entry.also?.includes(fingerprint) !== true)
    return false;
  return (['rule', 'host'] as const).every((key) => filter[key] === undefined || filter[key] === entry[key]);
}

/**
 * Newest first; entries of the same time in reverse order of writing.
 *
 * @param entries in the order of writing
 */
export function newestFirst(entries: readonly AuditEntry[], filter: HistoryFilter): readonly AuditEntry[] {
  return entries
    .filter((entry) => matches(entry, filter))
    .reverse()
    .sort((a, b) => b.at - a.at)
    .slice(0, filter.limit);
}
