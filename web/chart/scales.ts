/** Where axes begin, end and have labels. */
import { clock, clockSeconds, dayMonth } from '../format/time.ts';

const NICE = [1, 1.5, 2, 3, 4, 6, 8, 10] as const;

/** The next of 1, 1.5, 2, 3, 4, 6, 8 × 10ⁿ. */
export function niceMaximum(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = NICE.find((candidate) => candidate * power >= value * 0.9999) ?? 10;
  return step * power;
}

const SECOND = 1;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const STEPS = [
  SECOND,
  2,
  5,
  10,
  15,
  30,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
  56 * DAY,
  112 * DAY,
] as const;

const LABEL_SPACE = 72;

export interface TimeTicks {
  /** Seconds since the Unix epoch. */
  readonly at: readonly number[];
  readonly labels: readonly string[];
}

/** 2 to 7 labels on whole steps of the reader's clock. @param from seconds since the Unix epoch */
export function timeTicks(from: number, to: number, width: number): TimeTicks {
  const most = Math.max(2, Math.min(7, Math.floor(width / LABEL_SPACE)));
  const step = STEPS.find((candidate) => (to - from) / candidate <= most) ?? 365 * DAY;
  const offset = -new Date(from * 1000).getTimezoneOffset() * MINUTE;
  const at: number[] = [];
  for (let time = Math.ceil((from + offset) / step) * step - offset; time <= to; time += step) at.push(time);
  return { at, labels: at.map((time) => tickLabel(time * 1000, step, to - from)) };
}

function tickLabel(at: number, step: number, length: number): string {
  if (step >= DAY) return dayMonth(at);
  if (length < 10 * MINUTE && step < MINUTE) return clockSeconds(at);
  const text = clock(at);
  return text === '00:00' && length > 12 * HOUR ? dayMonth(at) : text;
}
