import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { CircuitBreaker } from '../../src/deliver/circuit-breaker.ts';

test('closed until a failure, open after it, half-open when the wait is over, closed again by a success', () => {
  const breaker = new CircuitBreaker(() => 0.5);
  expect(breaker.stateAt(0)).toBe('closed');
  breaker.failed(0);
  expect(breaker.stateAt(499)).toBe('open');
  expect(breaker.waitMs(100)).toBe(400);
  expect(breaker.stateAt(500)).toBe('half-open');
  expect(breaker.waitMs(500)).toBe(0);
  expect(breaker.succeeded()).toBe(true);
  expect(breaker.stateAt(500)).toBe('closed');
  expect(breaker.succeeded()).toBe(false);
});

test('a probe that fails opens it for longer, up to a minute; a success starts over', () => {
  const breaker = new CircuitBreaker(() => 0.5);
  const waitAfterFailure = () => {
    breaker.failed(0);
    return breaker.waitMs(0);
  };
  expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map(waitAfterFailure)).toEqual([
    500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
  ]);
  breaker.succeeded();
  expect(waitAfterFailure()).toBe(500);
});

test('it is open at least as long as the destination asked for', () => {
  const breaker = new CircuitBreaker(() => 0.5);
  breaker.failed(1000, 90_000);
  expect(breaker.waitMs(1000)).toBe(90_000);
});

test('whatever happens: it waits only after a failure, and never for more than a minute of its own', () => {
  const events = fc.array(fc.record({ isFailure: fc.boolean(), after: fc.integer({ min: 0, max: 100_000 }) }));
  fc.assert(
    fc.property(events, fc.double({ min: 0, max: 0.999, noNaN: true }), (schedule, random) => {
      const breaker = new CircuitBreaker(() => random);
      let now = 0;
      for (const { isFailure, after } of schedule) {
        if (isFailure) breaker.failed(now);
        else breaker.succeeded();
        expect(breaker.waitMs(now)).toBeLessThanOrEqual(60_000);
        if (!isFailure) expect(breaker.stateAt(now)).toBe('closed');
        expect(breaker.stateAt(now + 60_000)).toBe(isFailure ? 'half-open' : 'closed');
        now += after;
      }
    }),
  );
});
