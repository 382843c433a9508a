import { expect, test } from '@jest/globals';

import { Lines } from '../../../src/host/windows/lines.ts';

function reading(max: number) {
  const lines: string[] = [];
  return { lines, reader: new Lines(max, (line) => lines.push(line)) };
}

test('lines are whole, wherever the chunks end', () => {
  const { lines, reader } = reading(5);
  for (const chunk of ['', 'a', 'b\ncd', '\n\n', 'efghi\nj']) expect(reader.add(chunk)).toBe(true);
  expect(lines).toEqual(['ab', 'cd', '', 'efghi']);
});

test('a line that is too long is refused and forgotten', () => {
  const { lines, reader } = reading(5);
  expect(['abc', 'def'].map((chunk) => reader.add(chunk))).toEqual([true, false]);
  expect(reader.add('123456\n')).toBe(false);
  expect(reader.add('ok\n')).toBe(true);
  expect(lines).toEqual(['ok']);
});

// Searched from its start at each chunk it would take minutes.
test('a line of 16 MB in chunks of 16 characters is read in the time of its length', () => {
  const { lines, reader } = reading(16 * 1024 * 1024);
  const chunk = 'x'.repeat(16);
  for (let index = 0; index < 1024 * 1024; index += 1) reader.add(chunk);
  reader.add('\n');
  expect(lines.map(({ length }) => length)).toEqual([16 * 1024 * 1024]);
});
