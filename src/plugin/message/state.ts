/** What a notification says about one alert: in which direction it has changed. Firing and resolved never look alike. */
import { humanDuration } from '../message-text.ts';
import { rank, type AlertLevel, type AlertView, type ChangeKind } from '../notification.ts';

/** What a channel may colour. */
export type Tone = AlertLevel | 'resolved';

const MARKS: Readonly<Record<Tone, string>> = { info: '🔵', warning: '🟠', critical: '🔴', resolved: '✅' };

export function toneOf({ status, level }: AlertView): Tone {
  return status === 'resolved' ? 'resolved' : level;
}

/** In front of each alert, so that a state needs no colour. */
export function markOf(alert: AlertView): string {
  return kindOf(alert) === 'repeat' ? '🔁' : MARKS[toneOf(alert)];
}

/** A view outside of a plan, as that of a test, has fired or ended. */
export function kindOf({ change, status }: AlertView): ChangeKind {
  return change?.kind ?? (status === 'resolved' ? 'ended' : 'fired');
}

/** `CRITICAL`, `WARNING, was CRITICAL`, `STILL CRITICAL`, `RESOLVED after 42 min`. */
export function stateOf(alert: AlertView, now: number): string {
  const level = alert.level.toUpperCase();
  switch (kindOf(alert)) {
    case 'fired':
      return level;
    case 'worse':
    case 'better':
      return `${level}${wasText(alert)}`;
    case 'flapping':
      return `${level}, FLAPPING`;
    case 'calm':
      return `${level}, NO LONGER FLAPPING`;
    case 'repeat':
      return `STILL ${level}`;
    case 'ended':
      return `RESOLVED after ${lastedText(alert, now)}`;
    case 'missed':
      return `FIRED AND RESOLVED after ${lastedText(alert, now)}`;
  }
}

/** How long it has fired, or did fire. */
export function lastedText({ startsAt, endsAt }: AlertView, now: number): string {
  return humanDuration((endsAt ?? now) - startsAt);
}

/** The level before may be unknown: the receiver has missed changes. */
function wasText(alert: AlertView): string {
  const { previousLevel: before, level } = alert;
  const isWorse = kindOf(alert) === 'worse';
  const fits = before !== 'ok' && (isWorse ? rank(before) < rank(level) : rank(before) > rank(level));
  return fits ? `, was ${before.toUpperCase()}` : '';
}
