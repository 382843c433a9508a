import { describe, expect, it } from '@jest/globals';

import { failureOf } from '../../../src/alerts/notify/failure.ts';
import { PermanentError, RetryableError, TargetError, TooLargeError } from '../../../src/plugin/errors.ts';

const coded = (code: string) => Object.assign(new Error(code), { code });
const copy = (name: string, more = {}) => Object.assign(new Error('copy'), { name, ...more });

describe('AL-104: an attempt that failed', () => {
  it.each([
    [new TargetError('403'), 'target', 'target', false],
    [copy('TargetError'), 'target', 'target', false],
    [new PermanentError('400'), 'refused', 'client', false],
    [new TooLargeError('413'), 'refused', 'client', false],
    [new RetryableError('429', { retryAfterMs: 0 }), 'throttled', 'rate_limited', false],
    [copy('RetryableError', { retryAfterMs: 5 }), 'throttled', 'rate_limited', false],
    [new RetryableError('503'), 'transient', 'server', false],
    [new RetryableError('x', { cause: coded('ECONNREFUSED') }), 'transient', 'network', false],
    [new RetryableError('x', { cause: coded('UND_ERR_SOCKET') }), 'transient', 'network', true],
    [coded('ETIMEDOUT'), 'transient', 'network', true],
    [new TypeError('bug'), 'transient', 'other', false],
    ['a text', 'transient', 'other', false],
    [undefined, 'transient', 'other', false],
  ])('with %s is %s (%s)', (thrown, kind, reason, mayHaveArrived) => {
    expect(failureOf(thrown, undefined)).toMatchObject({ kind, reason, mayHaveArrived });
  });

  it.each(['deadline', 'cancelled'] as const)('because it was ended (%s) may have succeeded', (ended) => {
    expect(failureOf(new DOMException('too late', 'TimeoutError'), ended)).toMatchObject({
      kind: 'transient',
      reason: ended,
      mayHaveArrived: true,
      text: 'too late',
    });
  });
});
