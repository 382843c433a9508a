import { setImmediate } from 'node:timers/promises';

import { expect, test } from '@jest/globals';

import { CallTable } from '../../../src/host/watchdog/call-table.ts';

test('calls nest, also when they throw', () => {
  const calls = new CallTable();
  const seen: number[] = [];
  calls.during(1, () => {
    seen.push(calls.current);
    expect(() =>
      calls.during(2, () => {
        seen.push(calls.current);
        throw new Error('x');
      }),
    ).toThrow('x');
    seen.push(calls.current);
  });
  expect([...seen, calls.current]).toEqual([1, 2, 1, 0]);
});

test('a call is unfinished until its promise settles, whichever way', async () => {
  const calls = new CallTable();
  const results = [
    calls.during(1, () => setImmediate()),
    calls.during(2, async () => {
      await setImmediate();
      throw new Error('x');
    }),
  ];
  expect([calls.current, calls.unfinished()]).toEqual([0, [1, 2]]);
  await expect(Promise.all(results)).rejects.toThrow('x');
  expect(calls.unfinished()).toEqual([]);
});

test('another thread sees the same memory', () => {
  const calls = new CallTable();
  calls.during(7, () => {
    expect(new CallTable(calls.memory).current).toBe(7);
  });
});

test('more slots than there is room for share the last one', () => {
  const calls = new CallTable();
  calls.during(10_000, () => {
    expect(calls.current).toBe(500);
  });
});

test('a wrapped object behaves like the original: private fields, getters, frozen ones, absent methods', () => {
  class Counter {
    #count = 0;
    readonly rate = { perSecond: 1, burst: 2 };
    get count() {
      return this.#count;
    }
    add(by: number) {
      this.#count += by;
      return this.#count;
    }
  }
  const calls = new CallTable();
  const counter = calls.wrap(3, Object.freeze(new Counter()));
  expect([counter.add(2), counter.count, counter.rate.burst]).toEqual([2, 2, 2]);
  expect(['add' in counter, 'flush' in counter, Reflect.get(counter, 'flush')]).toEqual([true, false, undefined]);
});
