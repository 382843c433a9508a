import { expect, test } from '@jest/globals';

import { parseDurationOption, parseTime } from '../../src/commands/time.ts';

test.each(['9'.repeat(400), `${'9'.repeat(90)}w`])('a time beyond 64 bits is refused', (text) => {
  expect(() => parseTime(text, 0)).toThrow('is not a time');
});

test('a duration that is none is refused with the name of its option', () => {
  expect(parseDurationOption('--for', '1h30m')).toBe(5_400_000);
  const bounds = { least: '1m', most: '1h' };
  expect(parseDurationOption('--for', '1m', bounds)).toBe(60_000);
  expect(() => parseDurationOption('--for', '59s', bounds)).toThrow('--for 59s is not from 1m to 1h');
  expect(() => parseDurationOption('--for', '61m', bounds)).toThrow('--for 61m is not from 1m to 1h');
  expect(() => parseDurationOption('--for', '59s', { least: '1m' })).toThrow('--for 59s is not at least 1m');
  expect(() => parseDurationOption('--expires', '4')).toThrow(/^--expires 4 is not a duration; write /);
});
