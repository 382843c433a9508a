import { expect, test } from '@jest/globals';

import { parseDurationOption, parseTime } from '../../src/commands/time.ts';

test.each(['9'.repeat(400), `${'9'.repeat(90)}w`])('a time beyond 64 bits is refused', (text) => {
  expect(() => parseTime(text, 0)).toThrow('is not a time');
});

test('a duration that is none is refused with the name of its option', () => {
  expect(parseDurationOption('--for', '1h30m')).toBe(5_400_000);
  expect(() => parseDurationOption('--expires', '4')).toThrow(/^--expires 4 is not a duration; write /);
});
