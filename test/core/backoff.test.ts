import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { backoffMs } from '../../src/core/backoff.ts';

const limits = { minMs: 1000, maxMs: 60_000 };

test('the ceiling doubles with each failure, up to the maximum', () => {
  expect([1, 2, 3, 6, 7, 100].map((failures) => backoffMs(failures, limits, 0.5))).toEqual([
    500, 1000, 2000, 16_000, 30_000, 30_000,
  ]);
});

test('the other side can ask for a longer delay, up to an hour', () => {
  expect(backoffMs(1, limits, 0.5, 90_000)).toBe(90_000);
  expect(backoffMs(1, limits, 0.5, 86_400_000)).toBe(3_600_000);
  expect(backoffMs(1, limits, 0.5, 10)).toBe(500);
});

test('the delay is never negative and never above both limits', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 0, max: 1e9 }),
      (failures, random, retryAfterMs) => {
        const delay = backoffMs(failures, limits, random, retryAfterMs);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.max(limits.maxMs, Math.min(retryAfterMs, 3_600_000)));
      },
    ),
  );
});
