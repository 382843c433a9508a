import { expect, test } from '@jest/globals';

import { retryAfter } from '../../src/plugin/http-status.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);

test.each([
  ['30', 30_000],
  [' 30 ', 30_000],
  ['0', 0],
  ['1.5', 1500],
  ['Thu, 01 Jan 2026 12:01:30 GMT', 90_000],
  ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  ['soon 5', undefined],
  ['-5', undefined],
  ['', undefined],
  [undefined, undefined],
])('AL-105: the header Retry-After %p is %p ms', (header, expected) => {
  expect(retryAfter(header, NOW)).toBe(expected);
});
