import { expect, test } from '@jest/globals';

import { parseLimit } from '../../../src/alerts/rules/limit.ts';

test.each(['1e999', `-${'9'.repeat(400)}%`])('a limit that is infinite is refused', (text) => {
  expect(() => parseLimit(text, 'percent')).toThrow('is beyond every number');
});
