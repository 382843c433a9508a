/** Whether a receiver is told something now, and why. Pure. */
import { rank, type AlertLevel, type AlertView, type NotificationReason } from '../../plugin/notification.ts';

import type { Told } from './group.ts';

export interface Situation {
  /** What fires and may be told. */
  readonly firing: readonly AlertView[];
  /** What was told and has ended. */
  readonly ended: readonly AlertView[];
  readonly told: ReadonlyMap<string, Told>;
  /** Was not told when it began, because of a silence or the like that is over now. */
  readonly unmuted: ReadonlySet<string>;
  readonly sendResolved: boolean;
  /** The time for a reminder has come. */
  readonly isRepeatDue: boolean;
}

/** The first reason that applies; undefined: nothing has to be said. */
export function decide(situation: Situation): NotificationReason | undefined {
  const { firing, ended, told } = situation;
  const fresh = firing.filter(({ fingerprint, startsAt }) => told.get(fingerprint)?.startsAt !== startsAt);
  if (firing.some((alert) => alert.flapping && told.get(alert.fingerprint)?.flapping !== true)) return 'flapping_start';
  const known = firing.filter((alert) => !fresh.includes(alert));
  if (hasCalmed([...known, ...ended], told)) return 'flapping_end';
  return fresh.length > 0 ? reasonOfFresh(fresh, situation) : reasonOfKnown(known, situation);
}

function reasonOfFresh(fresh: readonly AlertView[], { ended, told, unmuted }: Situation): NotificationReason {
  if (fresh.every(({ fingerprint }) => unmuted.has(fingerprint))) return 'unmuted';
  return told.size === ended.length ? 'first' : 'new_alerts';
}

function reasonOfKnown(
  known: readonly AlertView[],
  { firing, ended, told, sendResolved, isRepeatDue }: Situation,
): NotificationReason | undefined {
  const change = (alert: AlertView) => rank(alert.level) - rank(told.get(alert.fingerprint)?.level ?? alert.level);
  if (known.some((alert) => change(alert) > 0)) return 'level_up';
  if (ended.length > 0 && sendResolved) return told.size === ended.length ? 'all_resolved' : 'some_resolved';
  if (known.some((alert) => change(alert) < 0)) return 'level_down';
  return isRepeatDue && firing.length > 0 ? 'repeat' : undefined;
}

function hasCalmed(alerts: readonly AlertView[], told: Situation['told']): boolean {
  return alerts.some((alert) => !alert.flapping && told.get(alert.fingerprint)?.flapping === true);
}

/** Firing before ended, the worst first, then the oldest. */
export function inOrder(alerts: readonly AlertView[]): readonly AlertView[] {
  const place = (alert: AlertView) => (alert.status === 'firing' ? 10 : 0) + rank(alert.level);
  return [...alerts].sort((a, b) => place(b) - place(a) || a.startsAt - b.startsAt);
}

/** Of what fires; of all if nothing does. */
export function highestLevel(alerts: readonly AlertView[]): AlertLevel {
  const firing = alerts.filter(({ status }) => status === 'firing');
  const counted = firing.length > 0 ? firing : alerts;
  return counted.reduce<AlertLevel>((level, alert) => (rank(alert.level) > rank(level) ? alert.level : level), 'info');
}
