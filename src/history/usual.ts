/** What is usual for an hour of the week: the band in which four of five minutes lay. */
import type { Range, Values } from './access.ts';
import { quantile } from './changes.ts';
import { DAY_MS, HOUR_MS, startOf } from './spans.ts';
import { ratesOf } from './series.ts';
import type { ValueReader } from './value-reader.ts';

export interface Band {
  /** One for each hour that the range touches; NaN where too little is known. Empty if nothing is. */
  readonly low: Values;
  readonly high: Values;
}

const NONE: Band = { low: new Float64Array(), high: new Float64Array() };

const WEEK_MS = 7 * DAY_MS;

/** Older weeks say little of today. */
const WEEKS = 8;

const MIN_MS = 3 * DAY_MS;

/** Below so many minutes nothing is said of an hour. */
const MIN_MINUTES = 20;

/** Of an answer: half a year of hours. */
const MAX_HOURS = 5000;

const [LOW, HIGH] = [0.1, 0.9];

/** With less than two weeks of data it is the hour of the day. @throws RangeError for a range that is empty or too long */
export function usualBand(
  reader: ValueReader,
  field: string,
  { from, to }: Pick<Range, 'from' | 'to'>,
  isRate: boolean,
): Band {
  const start = startOf(from, HOUR_MS);
  const hours = Math.ceil((to - start) / HOUR_MS);
  if (!(hours >= 1 && hours <= MAX_HOURS)) throw new RangeError(`A range has from 1 to ${MAX_HOURS} hours`);
  const minutes = reader.read(field, 'minutes', to - WEEKS * WEEK_MS, to);
  const { times, values } = isRate ? ratesOf(minutes) : minutes;
  const known = (times.at(-1) ?? 0) - (times[0] ?? 0);
  if (known < MIN_MS) return NONE;
  const period = known >= 2 * WEEK_MS ? WEEK_MS : DAY_MS;
  const hourOf = (time: number) => Math.floor((time % period) / HOUR_MS);
  const byHour = new Map<number, number[]>();
  for (const [index, time] of times.entries()) {
    const hour = hourOf(time);
    const group = byHour.get(hour);
    if (group === undefined) byHour.set(hour, [values[index] ?? NaN]);
    else group.push(values[index] ?? NaN);
  }
  const bands = new Map([...byHour].map(([hour, group]) => [hour, bandOf(group)]));
  const each = Array.from({ length: hours }, (_, index) => bands.get(hourOf(start + index * HOUR_MS)) ?? [NaN, NaN]);
  return {
    low: Float64Array.from(each, ([low = NaN]) => low),
    high: Float64Array.from(each, ([, high = NaN]) => high),
  };
}

function bandOf(values: readonly number[]): readonly [number, number] {
  if (values.length < MIN_MINUTES) return [NaN, NaN];
  const ascending = Float64Array.from(values).sort();
  return [quantile(ascending, LOW), quantile(ascending, HIGH)];
}
