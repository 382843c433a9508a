import { expect, test } from '@jest/globals';

import { parseTime } from '../../src/commands/time.ts';

test.each(['9'.repeat(400), `${'9'.repeat(90)}w`])('a time beyond 64 bits is refused', (text) => {
  expect(() => parseTime(text, 0)).toThrow('is not a time');
});
