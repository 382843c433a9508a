import { expect, test } from '@jest/globals';

import { redactedRecord, redactor } from '../../src/core/redact.ts';

test('secrets are removed from texts at any depth; keys, numbers and times stay', () => {
  const redact = (text: string) => text.replaceAll('hunter2', '***');
  const at = new Date(0);
  const record = {
    hunter2: 'is hunter2',
    list: ['hunter2', 1, null],
    deep: { error: new Error('no hunter2') },
    at,
    n: 7n,
  };
  expect(redactedRecord(record, redact)).toEqual({
    hunter2: 'is ***',
    list: ['***', 1, null],
    deep: { error: 'no ***' },
    at,
    n: 7n,
  });
});

test('an object that contains itself becomes an ellipsis; one that occurs twice is copied twice', () => {
  const redact = (text: string) => text;
  const shared = { a: 1 };
  const circle: Record<string, unknown> = { one: shared, two: [shared] };
  circle['self'] = circle;
  const shown = { one: { a: 1 }, two: [{ a: 1 }], self: '…' };
  expect(redactedRecord(circle, redact)).toEqual(shown);
  expect(redactedRecord({ circle }, redact)).toEqual({ circle: shown });
});

test('a redactor replaces secrets, the longest first, and ignores short ones', () => {
  const redact = redactor(['hunter2', 'hunter2-and-more', 'abc', '', undefined]);
  expect(redact('hunter2-and-more, hunter2hunter2, abc')).toBe('***, ******, abc');
  expect(redactor([])('anything')).toBe('anything');
});
