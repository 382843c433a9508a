/** Values of an alert. Those of now, of the moment when it fired, and the last before silence are never mixed up. */
import { formatValue, humanDuration } from '../message-text.ts';
import type { AlertView } from '../notification.ts';

export interface Reading {
  readonly name: 'value' | 'now' | 'at the end' | 'fired at' | 'last value';
  /** `96 %` */
  readonly value: string;
  /** ` (limit 95 %)`, or nothing. */
  readonly limit: string;
}

/** When an end is reported later than this, its value is no longer that of now. */
const NOW_MS = 600_000;

export function readingsOf(alert: AlertView, now: number): readonly Reading[] {
  const { status, value, firedValue, endsAt = now } = alert;
  const current = valueText(alert, value);
  const fired = valueText(alert, firedValue);
  const limit = limitText(alert);
  if (isSilent(alert)) return reading('last value', current, '');
  if (status === 'resolved') {
    const name = isGone(alert) ? 'last value' : now - endsAt < NOW_MS ? 'now' : 'at the end';
    return [...reading(name, current, ''), ...reading('fired at', fired, limit)];
  }
  if (fired === undefined || fired === current) return reading('value', current, limit);
  return [...reading('now', current, limit), ...reading('fired at', fired, '')];
}

function reading(name: Reading['name'], value: string | undefined, limit: string): readonly Reading[] {
  return value === undefined ? [] : [{ name, value, limit }];
}

/** `now 62 %, fired at 97 %`, without limits; for missing data `for 20 min, last value 62 %`. Empty without a number. */
export function readingsText(alert: AlertView, now: number): string {
  const readings = readingsOf(alert, now).map(({ name, value }) => (name === 'value' ? value : `${name} ${value}`));
  return [...silenceText(alert, now), ...readings].join(', ');
}

/** For missing data `for 20 min`. */
function silenceText(alert: AlertView, now: number): readonly string[] {
  const { silentSince } = alert;
  return isSilent(alert) && silentSince !== undefined ? [`for ${humanDuration(now - silentSince)}`] : [];
}

/** With enough digits to differ from the limit. A number that stands for words (`1` for yes) is not shown. */
export function valueText({ unit, threshold }: AlertView, value: number | undefined): string | undefined {
  if (value === undefined || (threshold === undefined && unit === '')) return undefined;
  return formatValue(value, unit, threshold);
}

/** ` (limit 95 %)`, or nothing. */
export function limitText({ unit, threshold }: AlertView): string {
  return threshold === undefined ? '' : ` (limit ${formatValue(threshold, unit)})`;
}

/** It fires because nothing comes. */
export function isSilent({ status, detail }: AlertView): boolean {
  return status === 'firing' && detail === 'no_data';
}

/** Why it was resolved, other than by recovery, or why it fires. */
export function reasonText({ detail }: AlertView): string | undefined {
  return detail === undefined ? undefined : (DETAILS.get(detail) ?? detail.replaceAll('_', ' '));
}

const DETAILS: ReadonlyMap<string, string> = new Map([
  ['no_data', 'no data'],
  ['series_gone', 'no longer reported'],
  ['input_removed', 'the input was removed'],
  ['host_renamed', 'the host was renamed'],
  ['host_forgotten', 'the host was forgotten'],
  ['rule_removed', 'the rule was removed'],
  ['rule_changed', 'the rule was changed'],
  ['restart', 'no longer known after a restart'],
]);

/** Nothing is measured any more, so the value is the last one. */
function isGone({ detail }: AlertView): boolean {
  return detail !== undefined && !detail.startsWith('by hand');
}
