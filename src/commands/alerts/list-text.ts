/** Alerts, silences and history as tables. */
import type { FillingWindow, ListedAlert, ListedSilence } from '../../alerts/control.ts';
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { AlertView } from '../../plugin/notification.ts';
import { formatValue } from '../../plugin/index.ts';

import { columns, counted, humanAge } from '../columns.ts';

export function listLines(listed: readonly ListedAlert[], now: number): readonly string[] {
  if (listed.length === 0) return ['No active alerts'];
  const rows = listed.map(({ alert, suppressed, ...rest }) => [
    alert.level,
    stateText(rest, now - alert.startsAt),
    alert.rule,
    tagsText(alert),
    alert.value === undefined ? '' : formatValue(alert.value, alert.unit),
    humanAge(now - alert.startsAt),
    alert.fingerprint,
    suppressed.join(', '),
  ]);
  const head = ['LEVEL', 'STATE', 'RULE', 'TAGS', 'VALUE', 'SINCE', 'ID', 'SUPPRESSED BY'];
  return columns([head, ...rows], ['left', 'left', 'left', 'left', 'right', 'right', 'left', 'left']);
}

function stateText(
  { state, firesAfter, isUnknown }: Omit<ListedAlert, 'alert' | 'suppressed'>,
  lasting: number,
): string {
  if (isUnknown === true) return 'unknown';
  return firesAfter === undefined ? state : `${state} ${progressText(lasting, firesAfter)}`;
}

/** Rules that cannot fire yet. */
export function windowLines(windows: readonly FillingWindow[]): readonly string[] {
  if (windows.length === 0) return [];
  const rows = windows.map(({ rule, series, covered, needed }) => [
    rule,
    `window fills, ${progressText(covered, needed)}`,
    counted(series, 'series', 'series'),
  ]);
  return ['', ...columns(rows, ['left', 'left', 'left'])];
}

export function silenceLines(silences: readonly ListedSilence[], now: number): readonly string[] {
  if (silences.length === 0) return ['No silences'];
  const rows = silences.map(({ id, state, match, from, until, by, comment, isConfigured }) => [
    isConfigured ? `${id} (configuration)` : id,
    state,
    Object.entries(match)
      .map(([label, value]) => `${label}=${typeof value === 'string' ? value : value.join('|')}`)
      .join(' '),
    state === 'pending'
      ? `in ${humanAge((from ?? now) - now)} for ${humanAge(until - (from ?? now))}`
      : endText(until, now),
    by,
    comment,
  ]);
  const head = ['ID', 'STATE', 'MATCHES', 'STARTS OR ENDS', 'BY', 'COMMENT'];
  return columns([head, ...rows], ['left', 'left', 'left', 'left', 'left', 'left']);
}

/** Oldest first, like a log. */
export function historyLines(entries: readonly AuditEntry[]): readonly string[] {
  if (entries.length === 0) return ['No events'];
  const rows = entries
    .toReversed()
    .map(({ at, kind, reason, rule, host, receiver, fingerprint, by }) => [
      new Date(at).toISOString(),
      kind,
      reason,
      rule ?? '',
      host ?? '',
      receiver === undefined ? (by ?? '') : `→ ${receiver}`,
      fingerprint ?? '',
    ]);
  const head = ['TIME', 'EVENT', 'REASON', 'RULE', 'HOST', 'WHO', 'ID'];
  return columns([head, ...rows], ['left', 'left', 'left', 'left', 'left', 'left', 'left']);
}

/** `3m of 5m`. */
function progressText(past: number, needed: number): string {
  return `${humanAge(Math.min(past, needed))} of ${humanAge(needed)}`;
}

function tagsText({ tags }: AlertView): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

function endText(until: number, now: number): string {
  return until > now ? `in ${humanAge(until - now)}` : `${humanAge(now - until)} ago`;
}
