/** Texts about alerts, shared by all notifiers. Plain text: each notifier escapes it for its channel. */
import { rank, type AlertLevel, type AlertView, type Notification, type Trend } from './notification.ts';

const SYMBOLS: Readonly<Record<AlertLevel, string>> = { info: '🔵', warning: '🟠', critical: '🔴' };

/**
 * One line for a lock screen: `🔴 CRITICAL disk_space web1 /var 96 % (limit 95 %)`. Of several alerts it names the worst and
 * counts the others.
 */
export function titleOf(notification: Notification): string {
  const { alerts, truncated } = notification;
  const [first] = alerts;
  if (first === undefined) return 'healthd';
  const more = alerts.length + truncated - 1;
  const rest = more === 0 ? '' : ` and ${more} more`;
  return `${headOf(notification, first)} ${aboutOf(first)}${rest}${tailOf(notification, first)}`;
}

function headOf({ reason, status, alerts }: Notification, first: AlertView): string {
  const test = reason === 'test' ? 'TEST ' : '';
  if (status === 'resolved') return `✅ ${test}${reason === 'late' ? 'FIRED AND RESOLVED' : 'RESOLVED'}`;
  const worst = alerts
    .filter((alert) => alert.status === 'firing')
    .reduce<AlertLevel>((level, alert) => (rank(alert.level) > rank(level) ? alert.level : level), 'info');
  if (reason === 'repeat' || reason === 'escalation') return `🔁 STILL ${worst.toUpperCase()}`;
  if (reason === 'flapping_start') return `${SYMBOLS[worst]} FLAPPING`;
  return `${SYMBOLS[worst]} ${test}${first.status === 'resolved' ? 'CHANGED' : worst.toUpperCase()}`;
}

/** Rule, host, the other identifying tags, and the value with its limit. */
function aboutOf(alert: AlertView): string {
  const others = Object.entries(alert.tags)
    .filter(([key]) => key !== 'host')
    .map(([, value]) => value);
  const value = alert.status === 'firing' ? valueAndLimit(alert) : '';
  return [alert.rule, alert.host, ...others, value].map(oneLine).filter(Boolean).join(' ');
}

function tailOf({ reason, reminder, time }: Notification, first: AlertView): string {
  const lasted = humanDuration((first.endsAt ?? time) - first.startsAt);
  if (first.status === 'resolved') return ` after ${lasted}`;
  if (reason === 'repeat') return `, ${ordinal(reminder)} reminder, ${lasted}`;
  return '';
}

/** `96 % (limit 95 %)`; empty for an alert without a number. */
export function valueAndLimit({ value, unit, threshold }: AlertView): string {
  if (value === undefined) return '';
  const limit = threshold === undefined ? '' : ` (limit ${formatValue(threshold, unit)})`;
  return `${formatValue(value, unit)}${limit}`;
}

/** Why it was resolved or fires, if the value does not show it. */
export function detailText({ detail }: AlertView): string | undefined {
  if (detail === undefined) return undefined;
  return DETAILS.get(detail) ?? detail.replaceAll('_', ' ');
}

const DETAILS: ReadonlyMap<string, string> = new Map([
  ['no_data', 'no data'],
  ['series_gone', 'no longer reported'],
  ['input_removed', 'the input was removed'],
  ['host_renamed', 'the host was renamed'],
  ['rule_removed', 'the rule was removed'],
  ['rule_changed', 'the rule was changed'],
]);

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Units of the metric catalogs → as people write them. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['percent', '%'],
  ['celsius', '°C'],
]);

const MS_OF: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['ms', 1],
  ['s', 1000],
]);

/** A number with its unit, rounded: `96.4 %`, `4.2 GiB`, `120 ms`, `3 h 5 min`. */
export function formatValue(value: number, unit: string): string {
  if (!Number.isFinite(value)) return String(value);
  if (unit === 'bytes') return formatBytes(value);
  if (unit.startsWith('bytes/')) return `${formatBytes(value)}/${unit.slice(6)}`;
  const ms = MS_OF.get(unit);
  if (ms !== undefined) {
    const time = Math.abs(value * ms);
    return time < 1000 ? `${short(value * ms)} ms` : `${value < 0 ? '-' : ''}${humanDuration(time)}`;
  }
  const text = UNITS.get(unit) ?? unit;
  return text === '' ? short(value) : `${short(value)} ${text}`;
}

function formatBytes(bytes: number): string {
  const power = Math.min(BINARY_UNITS.length - 1, Math.floor(Math.log2(Math.max(1, Math.abs(bytes))) / 10));
  return `${short(bytes / 1024 ** power)} ${BINARY_UNITS[power] ?? ''}`;
}

/** Three significant digits, but all digits of the integer part. */
function short(value: number): string {
  const digits = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return String(digits);
}

/** `42 s`, `5 min`, `2 h 10 min`, `3 d 4 h`. */
export function humanDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return join(hours, 'h', minutes % 60, 'min');
  return join(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function ordinal(count: number): string {
  const tens = count % 100;
  const suffix = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${count}${suffix}`;
}

/** `2026-03-02 12:00:05 UTC`. */
export function utcTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** When it began to fire, and for how long it has fired or did fire. */
export function sinceText(alert: AlertView, now: number, timeText = utcTime(alert.startsAt)): string {
  const lasted = (alert.endsAt ?? now) - alert.startsAt;
  return lasted < 1000 ? timeText : `${timeText} (${humanDuration(lasted)})`;
}

const BARS = '▁▂▃▄▅▆▇█';

/** Length of a trend: `hour`, or `5 min` while it is shorter. */
export function spanText({ since, until }: Trend): string {
  return until - since > 55 * 60_000 ? 'hour' : humanDuration(until - since);
}

/** One bar per value, scaled from the lowest to the highest; a blank for a missing value. */
export function sparkline(trend: Trend, width = 30): string {
  const values = condensed(trend.values, width);
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return '';
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const bar = (value: number) => {
    const share = high === low ? 0 : (value - low) / (high - low);
    return BARS[Math.round(share * (BARS.length - 1))] ?? '';
  };
  return values.map((value) => (value === null ? ' ' : bar(value))).join('');
}

/** Averages neighbours so that at most `width` values remain. */
function condensed(values: readonly (number | null)[], width: number): readonly (number | null)[] {
  if (values.length <= width) return values;
  return Array.from({ length: width }, (_, index) => {
    const from = Math.floor((index * values.length) / width);
    const to = Math.floor(((index + 1) * values.length) / width);
    const known = values.slice(from, to).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
}

/** Replaces line breaks and other control characters, which headers, logs and terminals would interpret. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** At most `max` UTF-16 code units, cut between graphemes, with `…` at the end. */
export function truncate(text: string, max: number): string {
  return truncateBy(text, max, (part) => part.length);
}

/** The same in bytes of UTF-8. */
export function truncateBytes(text: string, max: number): string {
  return truncateBy(text, max, (part) => Buffer.byteLength(part));
}

function truncateBy(text: string, max: number, sizeOf: (part: string) => number): string {
  if (sizeOf(text) <= max) return text;
  const ellipsis = sizeOf('…') <= max ? '…' : '';
  let size = sizeOf(ellipsis);
  let kept = '';
  for (const { segment } of segmenter.segment(text)) {
    size += sizeOf(segment);
    if (size > max) break;
    kept += segment;
  }
  return `${kept}${ellipsis}`;
}

/** The whole notification as plain text, for terminals, commands and the text part of a mail. No newline at the end. */
export function plainText(notification: Notification): string {
  const { alerts, truncated, links, detail } = notification;
  const title = titleOf(notification);
  if (detail === 'minimal') return title;
  const shown = detail === 'short' ? alerts.slice(0, 1) : alerts;
  const more = alerts.length - shown.length + truncated;
  const parts = [title, ...shown.map((alert) => alertText(alert, notification))];
  if (more > 0) parts.push(`+${more} more`);
  if (links.length > 0) parts.push(links.map((link) => `${link.title}: ${link.url}`).join('\n'));
  return parts.join('\n\n');
}

function alertText(alert: AlertView, { time, detail }: Notification): string {
  const reason = detailText(alert);
  const lines = [
    `${alert.status === 'resolved' ? 'RESOLVED' : alert.level.toUpperCase()}: ${oneLine(alert.summary)}`,
    ...facts([
      ['Value', valueAndLimit(alert)],
      ['Since', sinceText(alert, time)],
      ['Reason', reason],
      [
        'About',
        Object.entries(alert.tags)
          .map(([key, value]) => `${key}=${oneLine(value)}`)
          .join(', '),
      ],
      ['Details', alert.description],
      ['Runbook', alert.runbook],
      ['Acknowledged', alert.ack === undefined ? undefined : `${alert.ack.by}: ${alert.ack.comment}`],
      ['Silenced', alert.silenced ? 'yes' : undefined],
      ...(alert.trend === undefined ? [] : [[`Last ${spanText(alert.trend)}`, sparkline(alert.trend)] as const]),
    ]),
  ];
  if (detail === 'full') lines.push(...alert.context.map(tableText));
  return lines.join('\n');
}

function facts(rows: readonly (readonly [string, string | undefined])[]): readonly string[] {
  return rows.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${name}: ${oneLine(value)}`]));
}

/** A table with its title and aligned columns. */
export function tableText({ title, columns, rows }: AlertView['context'][number]): string {
  const all = [columns, ...rows].map((row) => row.map(oneLine));
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const body = all.slice(1).map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`);
  return [`${title}:`, ...body.map((line) => line.trimEnd())].join('\n');
}
