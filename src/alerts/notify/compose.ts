/** Attempt → notification. */
import { rank, type AlertLevel, type AlertView, type Notification } from '../../plugin/notification.ts';

import type { Attempt, Word } from './attempt-record.ts';

/** How messages show alerts, by the configuration. */
export interface Display {
  /** Without a slash at the end; undefined: no links. */
  readonly publicUrl: string | undefined;
  /** IANA name. */
  readonly timeZone: string;
}

export interface Composition {
  /** ms since the Unix epoch. */
  readonly now: number;
  readonly viewOf: (word: Word) => AlertView | undefined;
  readonly display: Display;
  readonly detail: Notification['detail'];
}

/** With current values. Tables and charts of a hundred alerts are nothing to look at, so a digest has none. */
export function compose(attempt: Attempt, { now, viewOf, display, detail }: Composition): Notification {
  const { publicUrl, timeZone } = display;
  const { id, receiver, reason, group, listed, counted, unchanged, reminder } = attempt;
  const alerts = listed.flatMap((word) => {
    const view = viewOf(word);
    if (view === undefined) return [];
    const bare = reason === 'digest' ? { context: [], trend: undefined } : {};
    const url = publicUrl === undefined ? {} : { url: `${publicUrl}/alerts/${view.fingerprint}` };
    return [{ ...view, ...bare, ...url, change: { id: word.id, kind: word.kind } }];
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
    counts: countsOf([...listed, ...counted], unchanged),
    thread: attempt.thread ?? id,
    reminder,
    time: now,
    timeZone,
    links: publicUrl === undefined ? [] : [{ title: 'Open healthd', url: publicUrl }],
    detail,
  };
}

function countsOf(words: readonly Word[], unchanged: number): Notification['counts'] {
  const resolved = words.filter(({ kind }) => kind === 'ended' || kind === 'missed').length;
  return { firing: words.length - resolved + unchanged, resolved };
}

/** Of what fires; of all if nothing does. */
function highestLevel(alerts: readonly AlertView[]): AlertLevel {
  const firing = alerts.filter(({ status }) => status === 'firing');
  const counted = firing.length > 0 ? firing : alerts;
  return counted.reduce<AlertLevel>((level, alert) => (rank(alert.level) > rank(level) ? alert.level : level), 'info');
}
