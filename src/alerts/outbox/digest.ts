/** Many notifications as one. */
import { rank, type AlertView, type Notification } from '../../plugin/notification.ts';

import type { Entry } from './entry.ts';

const MOST_ALERTS = 100;

/**
 * @param entries at least one, in their order: of an alert that is in several of them the last one counts
 * @param key of the new entry
 * @param now ms since the Unix epoch
 */
export function digestOf(entries: readonly Entry[], key: string, receiver: string, now: number): Entry {
  const notifications = entries.map(({ notification }) => notification);
  const latest = new Map<string, AlertView>();
  for (const alert of notifications.flatMap(({ alerts }) => alerts)) latest.set(alert.fingerprint, alert);
  const alerts = [...latest.values()].sort(byImportance);
  const firing = alerts.filter(isFiring);
  const worst = (firing.length > 0 ? firing : alerts).map(({ level }) => level).reduce(higher);
  const notification: Notification = {
    id: `digest-${key}-${now.toString(36)}`,
    receiver,
    reason: 'digest',
    status: firing.length > 0 ? 'firing' : 'resolved',
    level: worst,
    groupKey: `digest:${receiver}`,
    groupTags: {},
    // Tables and charts of a hundred alerts are nothing to look at.
    alerts: alerts.slice(0, MOST_ALERTS).map((alert) => ({ ...alert, context: [], trend: undefined })),
    truncated: Math.max(0, alerts.length - MOST_ALERTS) + hidden(notifications),
    reminder: 0,
    time: now,
    links: [],
    detail: 'full',
  };
  return {
    key,
    notification,
    queuedAt: Math.min(...entries.map(({ queuedAt }) => queuedAt)),
    attempts: 0,
    mayHaveArrived: false,
    groups: [...new Set(entries.flatMap(({ groups }) => groups))],
  };
}

/** Firing before resolved, the worst first, then the oldest. */
function byImportance(a: AlertView, b: AlertView): number {
  return Number(isFiring(b)) - Number(isFiring(a)) || rank(b.level) - rank(a.level) || a.startsAt - b.startsAt;
}

function isFiring({ status }: AlertView): boolean {
  return status === 'firing';
}

function higher(a: AlertView['level'], b: AlertView['level']): AlertView['level'] {
  return rank(b) > rank(a) ? b : a;
}

function hidden(notifications: readonly Notification[]): number {
  return notifications.reduce((sum, { truncated }) => sum + truncated, 0);
}
