/** Alerts, by the entries of the audit log. */
import type { AuditEntry } from '../../../plugin/audit-entry.ts';
import type { HistoryEvent } from '../../access.ts';

const LEVELS: ReadonlySet<unknown> = new Set(['info', 'warning', 'critical']);

/** One event from start to end: the later transition has the same start, and at last the end. */
export function alertEvent({ kind, at, fingerprint, rule = '', detail }: AuditEntry): HistoryEvent | undefined {
  if (kind !== 'transition' || fingerprint === undefined || detail === undefined) return undefined;
  const { startsAt, endsAt, summary } = detail;
  const level = [detail['level'], detail['previousLevel']].find((each) => LEVELS.has(each)) ?? 'warning';
  return {
    at: typeof startsAt === 'number' ? startsAt : at,
    ...(typeof endsAt === 'number' ? { until: endsAt } : {}),
    kind: 'alert',
    level: level as HistoryEvent['level'],
    title: typeof summary === 'string' && summary !== '' ? summary : rule,
    alert: fingerprint,
  };
}
