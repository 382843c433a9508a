import { describe, expect, it } from '@jest/globals';

import { failureOf } from '../../../src/alerts/outbox/failure.ts';
import { stepAfter } from '../../../src/alerts/outbox/retry.ts';
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

describe('the next step', () => {
  const after = (thrown: unknown, detail: 'full' | 'short' | 'minimal' = 'full', failures = 1, random = 0.5) =>
    stepAfter(failureOf(thrown, undefined), detail, failures, random);

  it('is a wait that grows, by a random part of two seconds to five minutes', () => {
    expect(after(new Error())).toEqual({ do: 'retry', waitMs: 1000 });
    expect(after(new Error(), 'full', 3)).toEqual({ do: 'retry', waitMs: 4000 });
    expect(after(new Error(), 'full', 500)).toEqual({ do: 'retry', waitMs: 150_000 });
    expect(after(new Error(), 'full', 500, 0)).toEqual({ do: 'retry', waitMs: 0 });
  });

  it('AL-105: is a pause for all as long as asked for, at most a quarter of an hour', () => {
    expect(after(new RetryableError('', { retryAfterMs: 30_000 }))).toEqual({ do: 'pause', waitMs: 30_000 });
    expect(after(new RetryableError('', { retryAfterMs: 1e9 }))).toEqual({ do: 'pause', waitMs: 900_000 });
    expect(after(new RetryableError('', { retryAfterMs: 0 }), 'full', 5)).toEqual({ do: 'pause', waitMs: 16_000 });
  });

  it('is a shorter form, until there is none', () => {
    expect(after(new PermanentError(''))).toEqual({ do: 'shorten', detail: 'short' });
    expect(after(new PermanentError(''), 'short')).toEqual({ do: 'shorten', detail: 'minimal' });
    expect(after(new PermanentError(''), 'minimal')).toEqual({ do: 'give_up' });
  });

  it('is a probe after a quarter of an hour where the receiver is wrong', () => {
    expect(after(new TargetError(''), 'minimal')).toEqual({ do: 'probe', waitMs: 900_000 });
  });
});
