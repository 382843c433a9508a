/** Times on the command line. */
import { milliseconds, nanoseconds } from '../core/clock.ts';
import { parseDuration } from '../core/duration.ts';
import { ConfigError } from '../core/errors.ts';

/** From `from`, inclusive, to `to`, exclusive; nanoseconds since the Unix epoch, undefined for no bound. */
export interface TimeSpan {
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
}

/** As given on the command line. */
export interface SpanOptions {
  readonly from?: string;
  readonly to?: string;
}

/** A smaller number is a mistake, such as `30` for `30m`. Seconds: March 1973. */
const SMALLEST_UNIX_TIME = 1e8;

const ADVICE = 'write 2h for two hours ago, 2026-01-31T08:00:00Z, or a Unix time such as 1769846400';

/** The magnitude tells the unit: below 1e11 seconds (year 5138), below 1e14 milliseconds, and so on. */
const UNIX_UNITS = [
  { below: 1e11, nanoseconds: 1_000_000_000n },
  { below: 1e14, nanoseconds: 1_000_000n },
  { below: 1e17, nanoseconds: 1000n },
] as const;

/** @throws ConfigError if a time is invalid or the span is empty */
export function parseSpan({ from, to }: SpanOptions, now: number): TimeSpan {
  const span = {
    from: from === undefined ? undefined : parseTime(from, now),
    to: to === undefined ? undefined : parseTime(to, now),
  };
  if (span.from !== undefined && span.to !== undefined && span.from >= span.to)
    throw new ConfigError(`--from ${from ?? ''} is not before --to ${to ?? ''}`);
  return span;
}

/**
 * Parses an ISO time (local unless it has a zone), a Unix time in s, ms, us or ns (the magnitude tells), or an age such as
 * `2h`.
 *
 * @param now milliseconds since the Unix epoch
 * @returns nanoseconds since the Unix epoch
 * @throws ConfigError for anything else
 */
export function parseTime(text: string, now: number, advice = ADVICE): bigint {
  const trimmed = text.trim();
  const time = /^\d+$/.test(trimmed) ? unixTime(trimmed) : (isoTime(trimmed) ?? timeAgo(trimmed, now));
  // Beyond 64 bits no line has a time.
  if (time === undefined || BigInt.asIntN(64, time) !== time)
    throw new ConfigError(`"${text}" is not a time; ${advice}`);
  return time;
}

/**
 * Parses a time that lies ahead: `22:00` is the next 22:00, local, and `2h` is in two hours; otherwise as `parseTime`.
 *
 * @param now milliseconds since the Unix epoch
 * @returns milliseconds since the Unix epoch
 * @throws ConfigError for anything else
 */
export function parseTimeAhead(text: string, now: number): number {
  const trimmed = text.trim();
  const [clock, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(trimmed) ?? [];
  if (clock !== undefined) return nextClockTime(Number(hours), Number(minutes), now);
  const wait = durationOf(trimmed);
  if (wait !== undefined) return now + wait;
  return milliseconds(parseTime(text, now, 'write 22:00, 2h for in two hours, or 2026-01-31T08:00:00Z'));
}

/**
 * Parses a time that lies back: `03:12` or `03:12:30` is the last such time, local; otherwise as `parseTime`.
 *
 * @param now milliseconds since the Unix epoch
 * @returns milliseconds since the Unix epoch
 * @throws ConfigError for anything else, and for a time that is still to come
 */
export function parseTimeBack(text: string, now: number): number {
  const trimmed = text.trim();
  const [clock, hours, minutes, seconds = '0'] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(trimmed) ?? [];
  if (clock !== undefined) {
    const time = new Date(now);
    time.setHours(Number(hours), Number(minutes), Number(seconds), 0);
    if (time.getTime() > now) time.setDate(time.getDate() - 1);
    return time.getTime();
  }
  const time = milliseconds(parseTime(text, now, 'write 03:12, 2h for two hours ago, or 2026-01-31T08:00:00Z'));
  if (time > now) throw new ConfigError(`"${text}" is still to come`);
  return time;
}

/** Time changes make days longer or shorter, so the calendar adds the day. */
function nextClockTime(hours: number, minutes: number, now: number): number {
  const time = new Date(now);
  time.setHours(hours, minutes, 0, 0);
  if (time.getTime() <= now) time.setDate(time.getDate() + 1);
  return time.getTime();
}

function unixTime(digits: string): bigint | undefined {
  const number = Number(digits);
  if (number !== 0 && number < SMALLEST_UNIX_TIME) return undefined;
  return BigInt(digits) * (UNIX_UNITS.find(({ below }) => number < below)?.nanoseconds ?? 1n);
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?$/i;

function isoTime(text: string): bigint | undefined {
  const [matched, day = '', minutes = '00:00', seconds = '00', fraction = '', zone = ''] = ISO.exec(text) ?? [];
  if (matched === undefined || !isDay(day)) return undefined;
  const offset = zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const whole = Date.parse(`${day}T${minutes}:${seconds}${offset}`);
  return Number.isNaN(whole) ? undefined : nanoseconds(whole) + BigInt(fraction.padEnd(9, '0'));
}

/** `Date.parse` accepts 30 February as 2 March. */
function isDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function timeAgo(text: string, now: number): bigint | undefined {
  const age = durationOf(text);
  return age === undefined ? undefined : nanoseconds(now - age);
}

/** As written. */
export interface DurationBounds {
  readonly least: string;
  readonly most?: string;
}

/** @param option as it is written, such as `--for` @returns ms @throws ConfigError that names the option */
export function parseDurationOption(option: string, text: string, bounds: DurationBounds = { least: '0s' }): number {
  const { least, most } = bounds;
  const ms = durationOf(text);
  if (ms !== undefined && (ms < parseDuration(least) || (most !== undefined && ms > parseDuration(most))))
    throw new ConfigError(
      `${option} ${text} is not ${most === undefined ? 'at least' : 'from'} ${least}${most === undefined ? '' : ` to ${most}`}`,
    );
  if (ms === undefined)
    throw new ConfigError(
      `${option} ${text} is not a duration; write a number with a unit, such as 10s, 1m30s, 2h or 7d`,
    );
  return ms;
}

/** @returns ms; undefined if it is no duration */
export function durationOf(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch {
    return undefined; // the caller's message lists all formats
  }
}
