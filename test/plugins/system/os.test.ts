import { expect, test } from '@jest/globals';

import { parseOsRelease } from '../../../src/plugins/system/os.ts';

test('a value of blanks is read in linear time', () => {
  const started = performance.now();
  expect(parseOsRelease(`ID=a${' '.repeat(200_000)}b  \n NAME="x"  \n`).get('NAME')).toBe('x');
  expect(performance.now() - started).toBeLessThan(2000);
});
