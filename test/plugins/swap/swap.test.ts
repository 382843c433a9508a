import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { parsePageSize } from '../../../src/plugins/swap/auxv.ts';
import { swap } from '../../../src/plugins/swap/index.ts';
import { testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';

goldenFolders(swap);

test('the portable provider agrees with the native one', async () => {
  const native = await testInput(swap, { provider: 'native' });
  const portable = await testInput(swap, { provider: 'portable' });
  const [a, b] = [await native.gather(), await portable.gather()];
  expect(b.errors).toEqual([]);
  expect(b.metrics[0]?.fields['total']).toBe(a.metrics[0]?.fields['total']);
  expect(Object.keys(b.metrics[0]!.fields).sort()).toEqual(['free', 'total', 'used', 'used_percent']);
  await Promise.all([native.stop(), portable.stop()]);
});

test('the page size matches getconf', () => {
  const size = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));
  expect(parsePageSize(readFileSync('/proc/self/auxv'), { size: 8, endianness: 'LE' })).toBe(size);
});

test.each([
  { size: 8, endianness: 'LE' },
  { size: 8, endianness: 'BE' },
  { size: 4, endianness: 'LE' },
  { size: 4, endianness: 'BE' },
] as const)('the auxiliary vector is read in words of $size bytes, $endianness', ({ size, endianness }) => {
  const vector = (...words: number[]) => {
    const bytes = Buffer.alloc(words.length * size);
    for (const [index, word] of words.entries()) {
      const low = endianness === 'LE' ? index * size : index * size + size - 4;
      if (endianness === 'LE') bytes.writeUInt32LE(word, low);
      else bytes.writeUInt32BE(word, low);
    }
    return bytes;
  };
  const parse = (...words: number[]) => parsePageSize(vector(...words), { size, endianness });
  expect(parse(33, 77, 6, 16384, 0, 0)).toBe(16384);
  expect(parse(33, 6, 0, 0, 6, 4096)).toBeUndefined();
  expect(parse(6, 4095)).toBeUndefined();
  expect(parse(6)).toBeUndefined();
});
