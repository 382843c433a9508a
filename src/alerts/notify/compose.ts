/** Attempt → notification. */
import { rank, type AlertLevel, type AlertView, type Notification } from '../../plugin/notification.ts';

import type { Attempt, Word } from './attempt-record.ts';

export interface Composition {
  /** ms since the Unix epoch. */
  readonly now: number;
  readonly viewOf: (word: Word) => AlertView | undefined;
  readonly publicUrl: string | undefined;
  readonly detail: Notification['detail'];
}

/** With current values. Tables and charts of a hundred alerts are nothing to look at, so a digest has none. */
export function compose(attempt: Attempt, { now, viewOf, publicUrl, detail }: Composition): Notification {
  const { id, receiver, reason, group, listed, counted, unchanged, reminder } = attempt;
  const alerts = listed.flatMap((word) => {
    const view = viewOf(word);
    if (view === undefined) return [];
    const bare = reason === 'digest' ? { context: [], trend: undefined } : {};
    return [{ ...view, ...bare, change: { id: word.id, kind: word.kind } }];
  });
  return {
    id,
    receiver,
    reason,
    status: alerts.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
    level: highestLevel(alerts),
    groupKey: group.key,
    groupTags: group.tags,
    alerts,
    truncated: counted.length,
    unchanged,
    reminder,
    time: now,
    links: publicUrl === undefined ? [] : [{ title: 'Open healthd', url: publicUrl }],
    detail,
  };
}

/** Of what fires; of all if nothing does. */
function highestLevel(alerts: readonly AlertView[]): AlertLevel {
  const firing = alerts.filter(({ status }) => status === 'firing');
  const counted = firing.length > 0 ? firing : alerts;
  return counted.reduce<AlertLevel>((level, alert) => (rank(alert.level) > rank(level) ? alert.level : level), 'info');
}
