import { expect, test } from '@jest/globals';

import { parseTime } from '../../../../src/plugins/docker/api/time.ts';

test.each([
  ['2026-11-22T19:05:35.840707026Z', 1795374335840707026n],
  ['2026-11-22T20:05:35.84+01:00', 1795374335840000000n],
  ['1970-01-01T00:00:01Z', 1000000000n],
  ['0001-01-01T00:00:00Z', undefined],
  ['', undefined],
  ['yesterday', undefined],
  [undefined, undefined],
])('time %s', (text, expected) => {
  expect(parseTime(text)).toBe(expected);
});
