import { expect, test } from '@jest/globals';

import { nanoseconds, systemClock } from '../../src/core/clock.ts';

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
