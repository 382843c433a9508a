/** The first line of a message: what has changed and in which direction, then how many alerts fire. */
import { ordinal, truncate } from '../message-text.ts';
import { rank, type AlertView, type ChangeKind, type Notification } from '../notification.ts';

import { summaryOf } from './about.ts';
import { kindOf, lastedText, markOf, stateOf } from './state.ts';
import { isSilent, limitText, readingsOf, readingsText, valueText } from './value.ts';

/** Long enough for a subject; a lock screen shows the beginning. UTF-16 code units. */
const MAX_TITLE = 200;

/** What is worse is said before what is better, and that before what is known. */
const DIRECTIONS: Readonly<Record<ChangeKind, number>> = {
  fired: 0,
  worse: 0,
  flapping: 0,
  better: 1,
  calm: 1,
  ended: 2,
  missed: 2,
  repeat: 3,
};

/**
 * One line for a lock screen and a subject: `🔴 CRITICAL: Disk /var on web1 is 96 % full (limit 95 %) – 2 firing, 1 resolved`.
 * Of several alerts it names the one that has changed for the worst.
 *
 * @param max length in UTF-16 code units; the summary is cut, never the value or the counts
 */
export function titleOf(notification: Notification, max = MAX_TITLE): string {
  const lead = leadOf(notification.alerts);
  if (lead === undefined) return 'healthd';
  const { reason, time } = notification;
  const test = reason === 'test' ? 'TEST ' : '';
  const escalated = reason === 'escalation' ? 'ESCALATED ' : '';
  const head = `${markOf(lead)} ${test}${escalated}${stateOf(lead, time)}`;
  const tail = `${afterText(lead, notification)}${othersText(lead, notification)}${countsText(notification)}`;
  const summary = summaryOf(lead);
  const line = (about: string) => {
    const value = lead.status === 'resolved' ? endText(lead, about, time) : valueAfter(lead, about, time);
    return `${headed(head, about, lead)}${value}${tail}`;
  };
  const whole = line(summary);
  if (whole.length <= max) return whole;
  // A cut summary may have lost the value, which then follows it.
  return truncate(line(truncate(summary, Math.max(1, max - line('').length))), max);
}

/** What is over is quoted, since a summary speaks in the present tense. */
export function headed(head: string, about: string, { status }: AlertView): string {
  return status === 'resolved' ? `${head}, was “${about}”` : `${head}: ${about}`;
}

/** The alert that the title is about. */
export function leadOf(alerts: readonly AlertView[]): AlertView | undefined {
  const place = (alert: AlertView) => DIRECTIONS[kindOf(alert)] * 10 - rank(alert.level);
  return alerts.reduce<AlertView | undefined>(
    (lead, alert) => (lead === undefined || place(alert) < place(lead) ? alert : lead),
    undefined,
  );
}

/** The value if the summary does not have it, and the limit. */
function valueAfter(alert: AlertView, about: string, now: number): string {
  if (isSilent(alert)) return ` ${readingsText(alert, now)}`.trimEnd();
  const value = valueText(alert, alert.value);
  if (value === undefined) return '';
  return about.includes(value) ? limitText(alert) : `: ${value}${limitText(alert)}`;
}

/** `, now 62 %`, and what it was if the summary does not say so. */
function endText(alert: AlertView, about: string, now: number): string {
  const [current, fired] = readingsOf(alert, now);
  if (current === undefined) return '';
  const before = fired === undefined || about.includes(fired.value) ? '' : `, fired at ${fired.value}${fired.limit}`;
  return `, ${current.name} ${current.value}${before}`;
}

/** How long it has fired, unless that is new. */
function afterText(alert: AlertView, { reason, reminder, time }: Notification): string {
  if (alert.status === 'resolved') return '';
  if (kindOf(alert) === 'repeat') return `, ${ordinal(reminder)} reminder, ${lastedText(alert, time)}`;
  return reason === 'escalation' || reason === 'unmuted' ? `, for ${lastedText(alert, time)}` : '';
}

/** How many others have changed in the same direction. */
function othersText(lead: AlertView, { alerts, truncated }: Notification): string {
  const same = alerts.filter((alert) => DIRECTIONS[kindOf(alert)] === DIRECTIONS[kindOf(lead)]).length - 1;
  const others = same === alerts.length - 1 ? same + truncated : same;
  return others === 0 ? '' : ` and ${others} more`;
}

function countsText({ alerts, truncated, counts: { firing, resolved } }: Notification): string {
  if (alerts.length + truncated === 1 && firing + resolved === 1) return '';
  const parts = [firing > 0 ? `${firing} firing` : '', resolved > 0 ? `${resolved} resolved` : ''].filter(Boolean);
  return ` – ${parts.join(', ')}`;
}
