import { runInNewContext } from 'node:vm';

import { expect, test } from '@jest/globals';

import { describeError, errorCode, toError } from '../../src/core/errors.ts';

test('an error of any realm is returned as it is, anything else is wrapped', () => {
  const foreign = runInNewContext('new TypeError("far")') as Error;
  expect(toError(foreign)).toBe(foreign);
  const aborted = AbortSignal.abort().reason as DOMException;
  expect(toError(aborted)).toBe(aborted);
  expect(toError('plain').message).toBe('plain');
  expect(toError(undefined).message).toContain('undefined');
});

test.each([
  [Object.assign(new Error('x'), { code: 'ENOENT' }), 'ENOENT'],
  [Object.assign(new Error('x'), { code: 7 }), undefined],
  [new Error('x'), undefined],
  [null, undefined],
  [undefined, undefined],
])('the code of %p', (thrown, code) => {
  expect(errorCode(thrown)).toBe(code);
});

test.each([
  [new Error('write failed', { cause: new Error('connect ECONNREFUSED') }), 'write failed: connect ECONNREFUSED'],
  [new Error('write: refused', { cause: new Error('refused') }), 'write: refused'],
  [Object.assign(new Error(''), { code: 'EPIPE' }), 'EPIPE'],
  [new TypeError(''), 'TypeError'],
  [new Error('two\n  lines'), 'two lines'],
  ['text', 'text'],
])('one line for people: %s', (thrown, text) => {
  expect(describeError(thrown)).toBe(text);
});

test('a cycle of causes ends', () => {
  const error = new Error('a');
  error.cause = error;
  expect(describeError(error)).toBe('a');
});

test('an object without a text form is described as no error', () => {
  expect(describeError(Object.create(null))).toContain('other than an error');
});

test('newlines become blanks, in linear time', () => {
  expect(describeError(new Error('a  \r\n  b c\n'))).toBe('a b c ');
  const started = performance.now();
  expect(describeError(new Error(`a${' '.repeat(200_000)}b`)).length).toBe(200_002);
  expect(performance.now() - started).toBeLessThan(2000);
});
