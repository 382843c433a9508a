/** *What changed?*: how much one field differs between two spans of the same length. */
import type { Change, CounterOf, FieldOf, Range } from './access.ts';
import { LENGTHS } from './source.ts';
import { DAY_MS, HOUR_MS } from './spans.ts';
import { ratesOf, type Series } from './series.ts';
import type { Spans, ValueReader } from './value-reader.ts';

/** Of an answer. */
export const MAX_CHANGES = 500;

/** For a median so many values are enough. */
const MAX_VALUES = 500;

/** Shorter spans have too few minutes, or quarters of an hour, for a median. */
const MINUTES_FROM_MS = 2 * HOUR_MS;
const QUARTERS_FROM_MS = 2 * DAY_MS;

/** Below so many values in a span nothing is said. */
const MIN_VALUES = 3;

const SPARK_BUCKETS = 32;

/** @throws RangeError for a span that is empty or lies before itself */
export function changeSpans({ from, to }: Pick<Range, 'from' | 'to'>, before: number): Spans {
  const length = to - from;
  if (![from, to, before].every(Number.isFinite) || length <= 0 || before >= from)
    throw new RangeError('A comparison needs a span, and an earlier one');
  const level = length >= QUARTERS_FROM_MS ? 'quarters' : length >= MINUTES_FROM_MS ? 'minutes' : 'raw';
  const every = level === 'raw' ? 1 : Math.max(1, Math.floor(length / LENGTHS[level] / MAX_VALUES));
  return { before, after: from, length, level, every };
}

export function counterTest(counters: readonly CounterOf[]): (measurement: string, field: string) => boolean {
  const known = new Set(counters.map(({ measurement, field }) => JSON.stringify([measurement, field])));
  return (measurement, field) => known.has(JSON.stringify([measurement, field]));
}

/**
 * The score counts how often the change has the size of what is usual, of the resolution of the field, or of 1 % of the value: at
 * most 100 for values of the same sign.
 *
 * @returns undefined if one of the spans has too few values
 */
export function compare(of: FieldOf, reader: ValueReader, spans: Spans, isCounter: boolean): Change | undefined {
  const { before, after, length } = spans;
  const [first, second] = reader.readSpans(of.field, spans);
  const [old, now] = isCounter ? [ratesOf(first), ratesOf(second)] : [first, second];
  if (old.values.length < MIN_VALUES || now.values.length < MIN_VALUES) return undefined;
  const [a, b] = [old.values.toSorted(), now.values.toSorted()];
  const [medianBefore, medianAfter] = [quantile(a, 0.5), quantile(b, 0.5)];
  const least = Math.max(rangeOf(a, b) / 100, smallestStep(a, b));
  const scale = Math.max(usualSpread(a), least, Math.max(Math.abs(medianBefore), Math.abs(medianAfter)) / 100);
  const [from, to] = [Math.max(Math.abs(medianBefore), least), Math.max(Math.abs(medianAfter), least)];
  return {
    of,
    before: medianBefore,
    after: medianAfter,
    factor: from === 0 ? 1 : to / from,
    score: scale === 0 ? 0 : Math.abs(medianAfter - medianBefore) / scale,
    spark: Float64Array.from([...sparkOf(old, before, length), ...sparkOf(now, after, length)]),
  };
}

/** @param values ascending, at least one */
export function quantile(values: Float64Array, share: number): number {
  const at = share * (values.length - 1);
  const [low, high] = [values[Math.floor(at)] ?? NaN, values[Math.ceil(at)] ?? NaN];
  return low + (high - low) * (at - Math.floor(at));
}

/** Half of the distance between the quartiles: how far a value is usually from the median. */
function usualSpread(values: Float64Array): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2;
}

function rangeOf(...spans: readonly Float64Array[]): number {
  return Math.max(...spans.map((values) => values.at(-1) ?? 0)) - Math.min(...spans.map((values) => values[0] ?? 0));
}

/**
 * The smallest difference between two values of the middle half of a span, which is the resolution of many fields; 0 if they are
 * equal. The rest may be of a step that the span begins before or ends after.
 */
function smallestStep(...spans: readonly Float64Array[]): number {
  let smallest = Infinity;
  for (const values of spans) {
    const last = Math.floor((values.length - 1) * 0.75);
    for (let index = Math.ceil((values.length - 1) * 0.25); index < last; index += 1) {
      const step = (values[index + 1] ?? 0) - (values[index] ?? 0);
      if (step > 0 && step < smallest) smallest = step;
    }
  }
  return smallest === Infinity ? 0 : smallest;
}

/** Means; NaN where there is no value. */
function sparkOf({ times, values }: Series, from: number, length: number): readonly number[] {
  const size = SPARK_BUCKETS / 2;
  const [sums, counts] = [new Float64Array(size), new Float64Array(size)];
  for (let index = 0; index < times.length; index += 1) {
    const bucket = Math.min(size - 1, Math.floor((((times[index] ?? NaN) - from) / length) * size));
    sums[bucket] = (sums[bucket] ?? 0) + (values[index] ?? 0);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return Array.from(sums, (sum, bucket) => sum / (counts[bucket] ?? 0));
}
