import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { formatBytes, parseBytes } from '../../src/core/bytes.ts';

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

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.00 KiB'],
  [1_567_000_000, '1.46 GiB'],
  [1023.9 * 1024, '1024 KiB'],
  [-2048, '-2.00 KiB'],
])('%d bytes are written %s', (size, text) => {
  expect(formatBytes(size)).toBe(text);
});

test('what is written is within one percent', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 50 - 1 }), (size) => {
      const text = formatBytes(size);
      expect(Math.abs(parseBytes(text) - size)).toBeLessThanOrEqual(size / 100);
    }),
  );
});
