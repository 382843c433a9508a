/** Times in the zone of the configuration. */
import { humanDuration } from '../message-text.ts';
import type { Notification } from '../notification.ts';

/** Creating a format is slow, and a configuration has one zone. */
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * `2026-03-02 13:00:05 CET`.
 *
 * @param ms since the Unix epoch
 * @param timeZone IANA name
 * @throws RangeError for an unknown zone
 */
export function timeText(ms: number, timeZone: string): string {
  const format = formats.get(timeZone) ?? newFormat(timeZone);
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  const date = `${part('year')}-${part('month')}-${part('day')}`;
  return `${date} ${part('hour')}:${part('minute')}:${part('second')} ${part('timeZoneName')}`;
}

/** A time and how long ago that was; the time alone if it is less than a second. */
export function timeAgo(ms: number, { time, timeZone }: Notification): string {
  const at = timeText(ms, timeZone);
  return time - ms < 1000 ? at : `${at} (${humanDuration(time - ms)} ago)`;
}

function newFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
}
