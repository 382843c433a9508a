import { describe, expect, it } from '@jest/globals';

import { TrendRing } from '../../../src/alerts/engine/trend.ts';

const START = 1_700_000_040_000;
const SECOND = 1000;

function trendOf(count: number, interval: number, valueAt = (index: number) => index) {
  const ring = new TrendRing();
  for (let index = 0; index < count; index += 1) ring.add(valueAt(index), START + index * interval);
  const trend = ring.view();
  if (trend === undefined) throw new Error('There is no trend');
  return trend;
}

describe('a trend', () => {
  it('of a few seconds has each of them', () => {
    const { since, until, values } = trendOf(5, SECOND);
    expect(values).toEqual([0, 1, 2, 3, 4]);
    expect(until - since).toBe(5 * SECOND);
  });

  it.each([
    [10 * SECOND, 15 * SECOND],
    [30 * SECOND, 60 * SECOND],
    [60 * SECOND, 60 * SECOND],
  ])('of values that come every %i ms has no holes', (interval, slot) => {
    const { since, until, values } = trendOf(12, interval);
    expect(values).not.toContain(null);
    expect((until - since) / values.length).toBe(slot);
  });

  it('gets coarser as it gets longer, and keeps its means', () => {
    for (const seconds of [59, 61, 301, 901, 3599, 8000]) {
      const { since, until, values } = trendOf(seconds, SECOND, () => 42);
      expect(values.length).toBeLessThanOrEqual(60);
      expect(new Set(values)).toEqual(new Set([42]));
      expect(until - since).toBeGreaterThanOrEqual(Math.min(seconds, 3540) * SECOND);
      expect(until - since).toBeLessThanOrEqual(3600 * SECOND);
    }
  });

  it('shows a rise where it was', () => {
    const { values } = trendOf(120, SECOND, (index) => (index < 60 ? 0 : 100));
    const half = values.length / 2;
    expect(values.slice(0, half)).toEqual(Array.from({ length: half }, () => 0));
    expect(values.slice(half)).toEqual(Array.from({ length: half }, () => 100));
  });
});
