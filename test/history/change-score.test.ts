/** How much a field differs from before: what a reader would call a change comes first. */
import { expect, test } from '@jest/globals';

import { changeSpans, compare } from '../../src/history/changes.ts';
import type { Series } from '../../src/history/series.ts';
import type { ValueReader } from '../../src/history/value-reader.ts';

const LENGTH = 60_000;

/** Values of one span, then of the other, evenly spread. */
function changeOf(before: readonly number[], after: readonly number[]) {
  const series = (values: readonly number[], from: number): Series => ({
    times: Float64Array.from(values, (_, index) => from + (index * LENGTH) / values.length),
    values: Float64Array.from(values),
  });
  const reader = { readSpans: () => [series(before, 0), series(after, LENGTH)] };
  const spans = changeSpans({ from: LENGTH, to: 2 * LENGTH }, 0);
  const of = { set: { host: '', name: 'm', tags: {} }, field: 'f' };
  return compare(of, reader as unknown as ValueReader, spans, false)!;
}

const constant = (value: number) => Array<number>(20).fill(value);
/** Rises by the same step from sample to sample. */
const slope = (start: number, by: number) => Array.from({ length: 20 }, (_, index) => start + index * by);

test('a value that stood still before and stands still elsewhere now has changed most', () => {
  const step = changeOf(constant(5), constant(500));
  expect(step).toMatchObject({ before: 5, after: 500, factor: 100, score: 99 });
  const drift = changeOf(slope(1, 0.05), slope(2, 0.05));
  expect(step.score).toBeGreaterThan(10 * drift.score);
  expect(changeOf(constant(0), constant(1)).score).toBe(100);
});

test('a selection that begins before the step, or a reference that ends after it, still finds it', () => {
  const mixed = (most: number, rest: number) => [...Array<number>(17).fill(most), ...Array<number>(3).fill(rest)];
  expect(changeOf(mixed(5, 500), constant(500))).toMatchObject({ before: 5, after: 500, factor: 100, score: 99 });
  expect(changeOf(constant(5), mixed(500, 5))).toMatchObject({ before: 5, after: 500, factor: 100, score: 99 });
});

test('a step of 1 % or less is not a change, however still the value stood', () => {
  const disk = changeOf(constant(20 * 2 ** 30), constant(20 * 2 ** 30 + 4096));
  expect(disk.score).toBeLessThan(0.001);
  expect(changeOf(constant(100), constant(101)).score).toBeLessThan(1);
});

test('a field that counts in ones has not changed by one more', () => {
  const flicker = (low: number) => Array.from({ length: 20 }, (_, index) => low + (index % 5 < 2 ? 1 : 0));
  expect(changeOf(flicker(2), flicker(3)).score).toBe(1);
});
