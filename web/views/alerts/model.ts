/** Alerts as the view shows them: those that the agent lists, and those that ended, from its history. */
import type { AlertHistoryAnswer, ListedAlertInfo } from '../../api/answers.ts';
import type { Level } from '../../parts/state.tsx';

export type AuditEntry = AlertHistoryAnswer['entries'][number];

export type Group = 'firing' | 'pending' | 'handled' | 'ended';

/** An alert that is over. */
export interface EndedAlert {
  readonly fingerprint: string;
  readonly rule: string;
  readonly host: string;
  readonly level: Level;
  readonly summary: string;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Why it ended, other than by recovery. */
  readonly detail: string | undefined;
}

export function groupOf({ alert, state }: ListedAlertInfo): Exclude<Group, 'ended'> {
  if (state === 'pending') return 'pending';
  return alert.ack !== undefined || alert.silenced ? 'handled' : 'firing';
}

/** As the page draws levels: what is missing is unknown, what informs is a note. */
export function levelOf({ level, detail }: Pick<ListedAlertInfo['alert'], 'level' | 'detail'>): Level {
  if (detail === 'no_data') return 'unknown';
  return level === 'info' ? 'note' : level;
}

/** The newest first. */
export function endedAlerts(entries: readonly AuditEntry[]): readonly EndedAlert[] {
  return entries
    .filter(({ kind, reason }) => kind === 'transition' && reason === 'resolved')
    .flatMap((entry) => endedOf(entry) ?? [])
    .sort((a, b) => b.endsAt - a.endsAt);
}

function endedOf({ at, fingerprint, rule = '', host = '', detail = {} }: AuditEntry): EndedAlert | undefined {
  if (fingerprint === undefined) return undefined;
  const text = (key: string) => (typeof detail[key] === 'string' ? detail[key] : undefined);
  const number = (key: string) => (typeof detail[key] === 'number' ? detail[key] : undefined);
  const level = text('level');
  return {
    fingerprint,
    rule,
    host,
    level: level === 'critical' || level === 'warning' ? level : 'note',
    summary: text('summary') ?? rule,
    startsAt: number('startsAt') ?? at,
    endsAt: number('endsAt') ?? at,
    tags: (detail['tags'] ?? {}) as Readonly<Record<string, string>>,
    detail: text('detail'),
  };
}

const DAY_MS = 86_400_000;

/** How many alerts began on each of the last days, the oldest first; by the reader's calendar. */
export function beganByDay(entries: readonly AuditEntry[], now: number, days: number): readonly number[] {
  const midnight = new Date(now).setHours(24, 0, 0, 0);
  const counts = Array.from({ length: days }, () => 0);
  for (const { kind, reason, at } of entries) {
    const day = days - 1 - Math.floor((midnight - at - 1) / DAY_MS);
    if (kind === 'transition' && reason === 'fired' && day >= 0 && day < days) counts[day] = (counts[day] ?? 0) + 1;
  }
  return counts;
}

/** A prefix is enough, as for the commands. */
export function findAlert<Alert>(all: readonly Alert[], id: string, of: (alert: Alert) => string): Alert | undefined {
  return all.find((alert) => of(alert) === id) ?? all.find((alert) => id.length >= 4 && of(alert).startsWith(id));
}

export function alertPath(fingerprint: string): string {
  return `/alerts/${encodeURIComponent(fingerprint)}`;
}
