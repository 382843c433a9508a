/** How the parts of a time window are written. All functions throw a RangeError that says what is expected. */
import type { DayRange, TimeRange } from './time-windows.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const LAST_MINUTE = 24 * 60;

/** `mon` or `mon-fri`, also `sat-mon`; 0 is Sunday. */
export function parseDays(text: string): readonly number[] {
  return cycle(text, DAYS, 'a day; write one like mon, or a range like mon-fri');
}

/** `jan`, `jun-aug` or a number; 1 is January. */
export function parseMonths(text: string | number): readonly number[] {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 12) return [number];
  const wanted = 'a month; write one like jan, a range like jun-aug, or a number from 1 to 12';
  return cycle(String(text), MONTHS, wanted).map((index) => index + 1);
}

/** `22:00-06:00`; `24:00` is the end of the day. */
export function parseTimes(text: string): TimeRange {
  const [, startHour, startMinute, endHour, endMinute] = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text.trim()) ?? [];
  const start = minuteOf(startHour, startMinute);
  const end = minuteOf(endHour, endMinute);
  if (start === undefined || end === undefined || start === LAST_MINUTE) {
    throw new RangeError(`"${text}" is not a range of times; write it like 22:00-06:00`);
  }
  if (start === end) throw new RangeError(`"${text}" has no length; the whole day is 00:00-24:00`);
  return { start, end };
}

/** `1`, `-1` (the last one), `1..7` or `-3..-1`. */
export function parseDaysOfMonth(given: string | number): DayRange {
  const [, from, to = from] = /^(-?\d+)(?:\.\.(-?\d+))?$/.exec(String(given).trim()) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (!isDayOfMonth(first) || !isDayOfMonth(last)) {
    throw new RangeError(
      `"${given}" is not a day of the month; write 1 to 31, -1 for the last one, or a range like -3..-1`,
    );
  }
  if (Math.sign(first) === Math.sign(last) && first > last) {
    throw new RangeError(`"${given}" ends before it begins`);
  }
  return { first, last };
}

function isDayOfMonth(day: number): boolean {
  return Number.isInteger(day) && day !== 0 && Math.abs(day) <= 31;
}

function minuteOf(hour: string | undefined, minute: string | undefined): number | undefined {
  const total = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && total <= LAST_MINUTE ? total : undefined;
}

/** Positions in the list, from the first to the last, past its end if need be. */
function cycle(text: string, names: readonly string[], wanted: string): readonly number[] {
  const [from = '', to = from, ...rest] = text.trim().toLowerCase().split('-');
  const [first, last] = [names.indexOf(from), names.indexOf(to)];
  if (first === -1 || last === -1 || rest.length > 0) throw new RangeError(`"${text}" is not ${wanted}`);
  const count = ((last - first + names.length) % names.length) + 1;
  return Array.from({ length: count }, (_, step) => (first + step) % names.length);
}
