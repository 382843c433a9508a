import { expect, test } from '@jest/globals';

import { parseBytes } from '../../src/core/bytes.ts';

test.each([
  ['4096', 4096],
  ['50MiB', 52_428_800],
  ['1.5GB', 1_500_000_000],
  [' 512 kib ', 524_288],
  ['1tb', 1e12],
  ['0', 0],
])('%s is %d bytes', (text, size) => {
  expect(parseBytes(text)).toBe(size);
});

test.each(['', 'MiB', '-1', '1e3', '5 apples', '1.MB', '1 MB 2', '10constructor'])('%j is refused', (text) => {
  expect(() => parseBytes(text)).toThrow(/is not a size; write a number with a unit/);
});

test('a size without end is refused', () => {
  expect(() => parseBytes(`${'9'.repeat(400)}kb`)).toThrow('the size is too large');
});
