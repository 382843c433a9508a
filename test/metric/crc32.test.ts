import { crc32 } from 'node:zlib';

import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { combineCrc32 } from '../../src/metric/crc32.ts';

/** Bytes of any length, cheap to generate and to print. */
const anyRun = fc
  .record({
    length: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 300_000 })),
    seed: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  })
  .map(({ length, seed }) => Buffer.alloc(length, seed));

test('the combined CRC is that of both runs concatenated, for any lengths', () => {
  fc.assert(
    fc.property(anyRun, anyRun, (first, second) => {
      const combined = combineCrc32(crc32(first), crc32(second), second.length);
      expect(combined).toBe(crc32(Buffer.concat([first, second])));
    }),
    { numRuns: 1000 },
  );
});

test.each([0, 1, 2, 255, 256, 65_535, 65_536, 65_537, 2 ** 20, 5_000_000])('a second run of %i bytes', (length) => {
  const [first, second] = [Buffer.from('m v=1\n'), Buffer.alloc(length, 'cpu usage=0.5\n')];
  expect(combineCrc32(crc32(first), crc32(second), length)).toBe(crc32(Buffer.concat([first, second])));
  expect(combineCrc32(crc32(second), crc32(first), first.length)).toBe(crc32(Buffer.concat([second, first])));
});

test('combining with an empty run changes nothing', () => {
  const crc = crc32('healthd');
  expect(combineCrc32(crc, 0, 0)).toBe(crc);
  expect(combineCrc32(0, crc, 7)).toBe(crc);
  expect(combineCrc32(0, 0, 0)).toBe(0);
});

test('combining is associative', () => {
  fc.assert(
    fc.property(anyRun, anyRun, anyRun, (a, b, c) => {
      const [left, right] = [
        combineCrc32(combineCrc32(crc32(a), crc32(b), b.length), crc32(c), c.length),
        combineCrc32(crc32(a), combineCrc32(crc32(b), crc32(c), c.length), b.length + c.length),
      ];
      expect(left).toBe(right);
    }),
  );
});

test('a run can be longer than four gigabytes', () => {
  const crc = crc32('m v=1\n');
  const before = (zeros: number, first = crc) => combineCrc32(first, 0, zeros);
  for (let length = 1; length < 2 ** 40; length *= 2) {
    // To append twice as many is to append them twice; and a part of them, then the others.
    expect(before(2 * length)).toBe(before(length, before(length)));
    expect(before(length + 12_345)).toBe(before(12_345, before(length)));
  }
});
