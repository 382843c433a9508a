import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { formatDuration, parseDuration } from '../../src/core/duration.ts';

test.each([
  ['10s', 10_000],
  ['1m30s', 90_000],
  [' 500ms ', 500],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['1w', 604_800_000],
  ['250us', 0.25],
  ['250µs', 0.25],
  ['1000000ns', 1],
  ['0', 0],
  ['0s', 0],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBeCloseTo(ms, 9);
});

test.each(['', ' ', '10', 's', '-1s', '1 s', '1s 2', '1y', '.5s', '1e3s', '10S'])('%j is refused', (text) => {
  expect(() => parseDuration(text)).toThrow(/is not a duration; write a number with a unit/);
});

test.each([
  [0, '0s'],
  [90_000, '1m30s'],
  [86_400_000, '1d'],
  [1.5, '1ms500us'],
  [0.0001, '0s'],
  [59_999.9999, '1m'],
])('%d ms is written %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('a formatted duration parses back, to the microsecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e15 }), (us) => {
      expect(Math.round(parseDuration(formatDuration(us / 1000)) * 1000)).toBe(us);
    }),
  );
});

test('digits without end are refused, in linear time', () => {
  const started = performance.now();
  expect(() => parseDuration('9'.repeat(200_000))).toThrow('at most 100 characters');
  expect(performance.now() - started).toBeLessThan(2000);
});
