/** Group and alerts → notification. */
import { createHash } from 'node:crypto';

import type { AlertView, Notification, NotificationReason } from '../../plugin/notification.ts';

import { highestLevel } from './decide.ts';
import type { Group } from './group.ts';

export interface Telling {
  readonly reason: NotificationReason;
  /** In their order, at least one. */
  readonly alerts: readonly AlertView[];
  /** ms since the Unix epoch. */
  readonly now: number;
  readonly mostAlerts: number;
  readonly publicUrl: string | undefined;
}

/** The group counts on with each. */
export function composeNotification(group: Group, telling: Telling): Notification {
  const { reason, alerts, now, mostAlerts, publicUrl } = telling;
  group.sequence += 1;
  group.reminder = reason === 'repeat' ? group.reminder + 1 : 0;
  group.sentAt = now;
  group.firstAt ??= now;
  const shown = alerts.slice(0, mostAlerts);
  return {
    id: `${hash(group.key)}-${now.toString(36)}-${group.sequence}`,
    receiver: group.receiver,
    reason,
    status: alerts.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
    level: highestLevel(alerts),
    groupKey: group.groupKey,
    groupTags: group.tags,
    alerts: shown,
    truncated: alerts.length - shown.length,
    reminder: group.reminder,
    time: now,
    links: publicUrl === undefined ? [] : [{ title: 'Open healthd', url: publicUrl }],
    detail: 'full',
  };
}

/** Short, and the same for the same group. */
function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
