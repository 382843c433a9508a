import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterEach, describe, expect, jest, test } from '@jest/globals';

import { nanoseconds, systemClock } from '../../src/core/clock.ts';

const DAY_MS = 86_400_000;

afterEach(() => {
  jest.useRealTimers();
});

test('milliseconds become nanoseconds', () => {
  expect(nanoseconds(1_700_000_000_123)).toBe(1_700_000_000_123_000_000n);
});

test('sleep takes its time', async () => {
  const start = systemClock.elapsed();
  await systemClock.sleep(20);
  expect(systemClock.elapsed() - start).toBeGreaterThanOrEqual(18);
});

test('an abort ends a sleep at once, with its reason', async () => {
  const controller = new AbortController();
  const sleep = systemClock.sleep(600_000, controller.signal);
  controller.abort(new Error('stop'));
  await expect(sleep).rejects.toThrow('stop');
  await expect(systemClock.sleep(600_000, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
});

describe('a delay longer than the timers of Node can hold', () => {
  test('is exact', () => {
    jest.useFakeTimers();
    const callback = jest.fn();
    systemClock.after(60 * DAY_MS, callback);
    jest.advanceTimersByTime(60 * DAY_MS - 1);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test.each([0, 30, 59])('can be cancelled after %i days', (days) => {
    jest.useFakeTimers();
    const callback = jest.fn();
    const cancel = systemClock.after(60 * DAY_MS, callback);
    jest.advanceTimersByTime(days * DAY_MS);
    cancel();
    jest.advanceTimersByTime(60 * DAY_MS);
    expect(callback).not.toHaveBeenCalled();
  });
});

describe('a signal', () => {
  test('aborts with a TimeoutError', async () => {
    const signal = systemClock.signal(20);
    expect(signal.aborted).toBe(false);
    await systemClock.sleep(60);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'Timed out after 20ms' });
  });

  test('does not keep the process alive', () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    systemClock.signal(50);
    expect(timers()).toBe(before);
    systemClock.after(50, () => undefined);
    expect(timers()).toBe(before + 1);
  });

  test('aborts a combined signal after its own object was collected', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const stop = new AbortController();
    const combine = () => AbortSignal.any([stop.signal, systemClock.signal(100)]);
    const combined = combine();
    const onAbort = jest.fn();
    combined.addEventListener('abort', onAbort);
    for (let round = 0; round < 30 && onAbort.mock.calls.length === 0; round += 1) {
      await systemClock.sleep(10);
      collectGarbage();
    }
    expect(onAbort).toHaveBeenCalledTimes(1);
    expect(combined.reason).toMatchObject({ name: 'TimeoutError' });
  });
});
