/** Text and severity of audit log entries. */
import { oneLine, type AuditEntry } from '../../plugin/index.ts';

/** Severities of RFC 5424, table 2. */
const CRITICAL = 2;
const ERROR = 3;
const WARNING = 4;
const NOTICE = 5;
const INFORMATIONAL = 6;

const LEVEL_SEVERITY: Readonly<Record<string, number>> = { critical: CRITICAL, warning: WARNING, info: INFORMATIONAL };
const ATTEMPT_SEVERITY: Readonly<Record<string, number>> = { gave_up: ERROR, expired: ERROR, failed: WARNING };

export function eventText(entry: AuditEntry): string {
  const { kind, reason, rule, host, receiver, by } = entry;
  const summary = textOf(entry, 'summary');
  if (kind === 'transition' && summary !== undefined) {
    return oneLine(reason === 'resolved' ? `Resolved: ${summary}` : `${textOf(entry, 'level') ?? reason}: ${summary}`);
  }
  const about = [rule, host].filter((part) => part !== undefined && part !== '').join(' on ');
  const words = [
    `${kind} ${reason.replaceAll('_', ' ')}`,
    ...(about === '' ? [] : [`of ${about}`]),
    ...(receiver === undefined ? [] : [`to ${receiver}`]),
    ...(by === undefined ? [] : [`by ${by}`]),
  ];
  return oneLine(words.join(' '));
}

export function severityOf(entry: AuditEntry): number {
  if (entry.kind === 'transition')
    return entry.reason === 'resolved' ? NOTICE : (LEVEL_SEVERITY[textOf(entry, 'level') ?? ''] ?? NOTICE);
  if (entry.kind === 'attempt') return ATTEMPT_SEVERITY[entry.reason] ?? INFORMATIONAL;
  return entry.kind === 'notification' || entry.kind === 'suppressed' ? INFORMATIONAL : NOTICE;
}

/** The value of a key in the details of the entry, if it is a string. */
export function textOf({ detail }: AuditEntry, key: string): string | undefined {
  const value = detail?.[key];
  return typeof value === 'string' ? value : undefined;
}
