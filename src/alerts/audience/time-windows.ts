/** Recurring times of the week and the year, in the wall time of a zone. */

export interface TimeWindow {
  readonly name: string;
  /** @param now ms since the Unix epoch */
  isOpen(now: number): boolean;
}

/** Everything that is given must hold; what is not given holds always. */
export interface WindowSpec {
  /** IANA name. */
  readonly zone: string;
  /** 0 is Sunday. */
  readonly days: readonly number[] | undefined;
  readonly times: readonly TimeRange[];
  readonly daysOfMonth: readonly DayRange[] | undefined;
  /** 1 is January. */
  readonly months: readonly number[] | undefined;
}

/** Minutes of the day; the end is not part of it. An end that is not after the start is one of the next day. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** Both ends are part of it; negative ones count from the end of the month, -1 is the last day. */
export interface DayRange {
  readonly first: number;
  readonly last: number;
}

interface WallTime {
  readonly today: Day;
  /** Of the day. */
  readonly minute: number;
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * A time that crosses midnight belongs to the day on which it began: `fri` with `22:00-06:00` goes on until Saturday.
 * What the clock shows counts: an hour that comes twice in autumn is in a window twice. The hour that is left out in spring is
 * made up for by the one that follows, as cron does.
 *
 * @throws RangeError for an unknown zone
 */
export function createWindow(name: string, spec: WindowSpec): TimeWindow {
  const wallTime = createWallClock(spec.zone);
  let known = { minute: Number.NaN, isOpen: false };
  return {
    name,
    isOpen(now) {
      const minute = Math.floor(now / MINUTE_MS);
      if (minute !== known.minute)
        known = { minute, isOpen: timesAt(minute * MINUTE_MS, wallTime).some((time) => isIn(spec, time)) };
      return known.isOpen;
    },
  };
}

/** What the clock shows, and what it left out within the last hour. */
function timesAt(ms: number, wallTime: (ms: number) => WallTime): readonly WallTime[] {
  const now = wallTime(ms);
  const skipped = minutesOf(now) - minutesOf(wallTime(ms - HOUR_MS)) - 60;
  if (skipped <= 0) return [now];
  const isJustAfter = minutesOf(now) - minutesOf(wallTime(ms - skipped * MINUTE_MS)) > skipped;
  return isJustAfter ? [now, earlier(now, skipped)] : [now];
}

function minutesOf({ today: { year, month, day }, minute }: WallTime): number {
  return Date.UTC(year, month - 1, day) / MINUTE_MS + minute;
}

function earlier(time: WallTime, minutes: number): WallTime {
  const date = new Date((minutesOf(time) - minutes) * MINUTE_MS);
  const today = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  return { today, minute: date.getUTCHours() * 60 + date.getUTCMinutes() };
}

export function isZone(zone: string): boolean {
  try {
    createWallClock(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function createWallClock(zone: string): (ms: number) => WallTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    return {
      today: { year: part('year'), month: part('month'), day: part('day') },
      minute: part('hour') * 60 + part('minute'),
    };
  };
}

function isIn(spec: WindowSpec, { today, minute }: WallTime): boolean {
  return spec.times.some(({ start, end }) => {
    if (start < end) return minute >= start && minute < end && isDay(spec, today);
    return (minute >= start && isDay(spec, today)) || (minute < end && isDay(spec, dayBefore(today)));
  });
}

function isDay({ days, daysOfMonth, months }: WindowSpec, day: Day): boolean {
  const count = daysIn(day);
  return (
    (days === undefined || days.includes(weekday(day))) &&
    (months === undefined || months.includes(day.month)) &&
    (daysOfMonth === undefined || daysOfMonth.some((range) => isInRange(range, day.day, count)))
  );
}

/** The 31st is in no short month, but 29 to 31 has its last days; -31 to -1 is all of it. */
function isInRange({ first, last }: DayRange, day: number, count: number): boolean {
  const position = (given: number) => (given < 0 ? count + given + 1 : given);
  return day >= position(first) && day <= position(last);
}

function daysIn({ year, month }: Day): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function weekday({ year, month, day }: Day): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}

function dayBefore({ year, month, day }: Day): Day {
  const date = new Date(Date.UTC(year, month - 1, day - 1));
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
