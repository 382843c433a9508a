import { expect, test } from '@jest/globals';

import { verdict } from '../../../src/outputs/influxdb/verdict.ts';
import { testBatch } from '../../support/kit/batch.ts';

const ABOUT = {
  server: { url: 'http://influxdb:8086', headers: {} },
  target: { option: 'bucket', name: 'bucket "x"', writePath: '/', creation: undefined, credentials: 'token' },
  redact: (text: string) => text,
  now: 0,
} as const;

/** As much as is read of an answer. */
const filled = (part: string) => part.repeat(Math.ceil(64_000 / part.length));

test.each([
  ['blanks', `a${filled(' ')}b`],
  ['words about the organization', filled('org ')],
  ['words that refuse', filled('invalid ')],
  ['field conflicts', `partial write: dropped=1 ${filled('input field "a" on measurement "b" is type ')}`],
  ['ends of quotations', `partial write: unable to parse '${filled("':")}`],
])('an answer full of %s is judged in linear time', (_what, message) => {
  const answer = { status: 400, headers: {}, body: JSON.stringify({ code: 'invalid', message }) };
  const started = performance.now();
  expect(verdict(answer, testBatch(['a v=1 1', 'b v=2 2']), ABOUT)).toBeInstanceOf(Error);
  expect(performance.now() - started).toBeLessThan(1500);
});

test('a message of several lines is quoted as one', () => {
  const answer = { status: 400, headers: {}, body: JSON.stringify({ error: 'one \r\n two  three' }) };
  expect(verdict(answer, undefined, ABOUT)?.message).toMatch(/: one; two {2}three$/);
});
