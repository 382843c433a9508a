/** What becomes of two notifications of one group of which the receiver has neither. */
import type { Notification, NotificationReason } from '../../plugin/notification.ts';

/** The first that a receiver hears of a group. */
const OPENINGS: ReadonlySet<NotificationReason> = new Set(['first', 'escalation']);
/** They stand for themselves. */
const APART: ReadonlySet<NotificationReason> = new Set(['test', 'digest']);

/** @returns what takes the place of both; undefined if both are to be sent */
export function merge(older: Notification, newer: Notification): Notification | undefined {
  if (APART.has(older.reason) || APART.has(newer.reason) || !covers(newer, older)) return undefined;
  if (newer.status === 'resolved') return isUntold(older) ? { ...newer, reason: 'late' } : newer;
  // An end stays an end, even if it begins again.
  if (older.status === 'resolved') return undefined;
  // What has not been told yet cannot be repeated.
  if (newer.reason === 'repeat') return { ...newer, reason: older.reason, reminder: older.reminder };
  const wasWorse = older.level === 'critical' && newer.level !== 'critical';
  return OPENINGS.has(older.reason) || wasWorse ? undefined : newer;
}

/** Whether the receiver does not even know that something fires. */
function isUntold({ reason }: Notification): boolean {
  return reason === 'late' || OPENINGS.has(reason);
}

/** Whether each alert of the older one is told of. One that cannot list all its alerts has no room for more either. */
function covers(newer: Notification, older: Notification): boolean {
  if (newer.truncated > 0) return true;
  const told = new Set(newer.alerts.map(({ fingerprint }) => fingerprint));
  return older.truncated === 0 && older.alerts.every(({ fingerprint }) => told.has(fingerprint));
}
