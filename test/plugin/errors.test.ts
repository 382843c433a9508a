import { expect, test } from '@jest/globals';

import {
  PartialWriteError,
  PermanentError,
  RetryableError,
  retryAfterMs,
  TooLargeError,
} from '../../src/plugin/errors.ts';

test('errors carry what the host decides by', () => {
  expect(new RetryableError('later', { retryAfterMs: 5 })).toMatchObject({ name: 'RetryableError', retryAfterMs: 5 });
  expect(new PartialWriteError('some', [1, 3])).toMatchObject({ name: 'PartialWriteError', refused: [1, 3] });
  expect(new TooLargeError('413')).toBeInstanceOf(PermanentError);
});

test.each([
  [new RetryableError('later', { retryAfterMs: 5 }), 5],
  [Object.assign(new Error('of another copy of the class'), { retryAfterMs: 7 }), 7],
  [new RetryableError('later'), undefined],
  [Object.assign(new Error('later'), { retryAfterMs: '7' }), undefined],
  [null, undefined],
  [undefined, undefined],
])('the delay that %p asks for', (thrown, ms) => {
  expect(retryAfterMs(thrown)).toBe(ms);
});
