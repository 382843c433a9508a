/** Times as the reader's clock shows them. English words, 24 hours: as in notifications. */

const formats = new Map<string, Intl.DateTimeFormat>();

function format(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  let known = formats.get(key);
  if (known === undefined) {
    known = new Intl.DateTimeFormat('en-GB', { hourCycle: 'h23', ...options });
    formats.set(key, known);
  }
  return known;
}

/** `03:14`. */
export function clock(at: number): string {
  return format('clock', { hour: '2-digit', minute: '2-digit' }).format(at);
}

/** `03:14:31`. */
export function clockSeconds(at: number): string {
  return format('seconds', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(at);
}

/** `Sun 29 Nov`. */
export function day(at: number): string {
  return format('day', { weekday: 'short', day: 'numeric', month: 'short' }).format(at).replace(',', '');
}

/** `29 Nov`. */
export function dayMonth(at: number): string {
  return format('day-month', { day: 'numeric', month: 'short' }).format(at);
}

function weekday(at: number): string {
  return format('weekday', { weekday: 'short' }).format(at);
}

const DAY_MS = 86_400_000;

function isSameDay(a: number, b: number): boolean {
  return day(a) === day(b) && Math.abs(a - b) < 2 * DAY_MS;
}

/** As short as it is clear: `03:09` today, `Tue` this week, `29 Nov` before. */
export function since(at: number, now: number): string {
  if (isSameDay(at, now) || now - at < DAY_MS / 2) return clock(at);
  return now - at < 6 * DAY_MS ? weekday(at) : dayMonth(at);
}

/** `03:14:31`, with the day when it is another. */
export function moment(at: number, now: number): string {
  return isSameDay(at, now) ? clockSeconds(at) : `${day(at)}, ${clockSeconds(at)}`;
}

/** `Sun 29 Nov, 02:24 – 03:24`. */
export function rangeText(from: number, to: number): string {
  const end = isSameDay(from, to) ? clock(to) : `${day(to)}, ${clock(to)}`;
  return `${day(from)}, ${clock(from)} – ${end}`;
}

/** `CET`. */
export function zoneName(at: number, timeZone?: string): string {
  const options: Intl.DateTimeFormatOptions = { timeZoneName: 'short', ...(timeZone !== undefined && { timeZone }) };
  const parts = format(`zone ${timeZone ?? ''}`, options).formatToParts(at);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** The host's time of a moment, when its zone differs from the reader's: `02:14:31 UTC`. */
export function hostTime(at: number, timeZone: string): string | undefined {
  try {
    const text = format(`host ${timeZone}`, {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZone,
    }).format(at);
    return text === clockSeconds(at) ? undefined : `${text} ${zoneName(at, timeZone)}`;
  } catch {
    // A zone that this browser does not know: nothing to show.
    return undefined;
  }
}
