import { expect, test } from '@jest/globals';

import { manualClock } from '../../src/testing.ts';

test('a manual clock runs timers only when it is advanced, in the order of their time', async () => {
  const clock = manualClock(1000);
  const calls: string[] = [];
  clock.after(20, () => calls.push('second'));
  clock.after(10, () => calls.push('first'));
  clock.after(15, () => calls.push('cancelled'))();
  const sleep = clock.sleep(20);
  const signal = clock.signal(30);
  clock.advance(20);
  await sleep;
  expect([clock.now(), clock.elapsed(), calls]).toEqual([1020, 20, ['first', 'second']]);
  expect(signal.aborted).toBe(false);
  clock.advance(10);
  expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'Timed out after 30ms' });
});
