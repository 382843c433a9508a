/** A range of time in a query, and the buckets it is divided into. */
import { z } from '../plugin/index.ts';

import { HttpError } from './http-error.ts';

/** ms since the Unix epoch, up to the last time that a Date can hold. */
export const timeParameter = z.coerce.number().int().min(0).max(8.64e15);

export const rangeQuery = {
  from: timeParameter.describe('Start, ms since the Unix epoch').optional(),
  to: timeParameter.describe('End, exclusive; default: now').optional(),
};

/** Nothing is kept longer, and a range of years is a mistake. */
const LONGEST_MS = 10 * 366 * 86_400_000;

/**
 * @param length of the range if `from` is not given, ms
 * @throws HttpError 400 for a range that is empty or too long
 */
export function rangeOf(
  { from, to }: { readonly from?: number | undefined; readonly to?: number | undefined },
  now: number,
  length: number,
) {
  const end = to ?? now;
  const start = from ?? Math.max(0, end - length);
  if (end <= start) throw new HttpError(400, `The range is empty: it ends at ${end} and starts at ${start}`);
  if (end - start > LONGEST_MS) throw new HttpError(400, 'The range is longer than ten years');
  return { from: start, to: end };
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Lengths of buckets: all but the days divide a day, so buckets begin at round times. */
const STEPS: readonly number[] = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30].map((each) => each * SECOND),
  ...[1, 2, 3, 5, 10, 15, 20, 30].map((each) => each * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((each) => each * HOUR),
];

/**
 * The smallest round step that needs at most `width` buckets for the range, and the range rounded outward to it.
 *
 * @param width number of buckets wanted
 */
export function bucketsOf({ from, to }: { readonly from: number; readonly to: number }, width: number) {
  const wanted = (to - from) / width;
  const step = STEPS.find((each) => each >= wanted) ?? Math.ceil(wanted / DAY) * DAY;
  return { from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step, step };
}
