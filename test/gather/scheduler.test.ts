import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { nextTick, stamp, startSchedule } from '../../src/gather/scheduler.ts';
import { manualClock } from '../../src/testing.ts';
import { settle } from '../support/kit/settle.ts';

const every10s = { interval: 10_000, jitter: 0, offset: 0 };

test('ticks are multiples of the interval, shifted by the offset', () => {
  expect(nextTick(1_000_003, every10s)).toBe(1_010_000);
  expect(nextTick(1_010_000, every10s)).toBe(1_020_000);
  expect(nextTick(1_000_003, { ...every10s, offset: 2000 })).toBe(1_002_000);
});

test('the next tick is later than now by at most one interval, whatever now is', () => {
  const schedules = fc.record({
    interval: fc.integer({ min: 100, max: 86_400_000 }),
    jitter: fc.constant(0),
    offset: fc.integer({ min: 0, max: 86_400_000 }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), schedules, (now, schedule) => {
      const tick = nextTick(now, schedule);
      expect(tick).toBeGreaterThan(now);
      expect(tick - now).toBeLessThanOrEqual(schedule.interval);
    }),
  );
});

test('metrics carry whole seconds for intervals of a second or more, else milliseconds', () => {
  expect(stamp(1_700_000_000_499, every10s)).toBe(1_700_000_000_000_000_000n);
  expect(stamp(1_700_000_000_499, { ...every10s, interval: 500 })).toBe(1_700_000_000_499_000_000n);
});

function start(schedule: Parameters<typeof startSchedule>[0], now: number, random = () => 0) {
  const clock = manualClock(now);
  const ticks: bigint[] = [];
  const stop = startSchedule(schedule, (time) => ticks.push(time / 1_000_000n), clock, random);
  return { clock, ticks, stop };
}

test('the first tick is at once, the next ones are aligned', async () => {
  const { clock, ticks, stop } = start(every10s, 1_700_000_003_000);
  await settle();
  for (let second = 0; second < 20; second += 1) {
    clock.advance(1000);
    await settle();
  }
  expect(ticks).toEqual([1_700_000_003_000n, 1_700_000_010_000n, 1_700_000_020_000n]);
  stop();
});

test('a timer that fires early does not tick twice', async () => {
  const clock = manualClock(1_700_000_003_000);
  const early = { ...clock, after: (ms: number, callback: () => void) => clock.after(Math.max(1, ms - 1), callback) };
  const ticks: bigint[] = [];
  startSchedule(
    every10s,
    (time) => ticks.push(time / 1_000_000n),
    early,
    () => 0,
  );
  for (let ms = 0; ms < 8000; ms += 1000) {
    clock.advance(ms === 6000 ? 999 : 1000);
    await settle();
  }
  clock.advance(1);
  await settle();
  expect(ticks).toEqual([1_700_000_003_000n, 1_700_000_010_000n]);
});

test('jitter delays each tick anew, and the metrics carry the delayed time', async () => {
  let drawn = 0;
  const { clock, ticks, stop } = start({ ...every10s, jitter: 4000 }, 1_700_000_000_000, () =>
    drawn++ % 2 === 0 ? 0.5 : 0,
  );
  await settle();
  for (let second = 0; second < 21; second += 1) {
    clock.advance(1000);
    await settle();
  }
  expect(ticks).toEqual([1_700_000_000_000n, 1_700_000_012_000n, 1_700_000_020_000n]);
  stop();
});

test('after the clock was set back by hours the ticks go on at the new time', async () => {
  const { clock, ticks, stop } = start(every10s, 1_700_000_003_000);
  await settle();
  let shift = 0;
  const realNow = clock.now;
  Object.assign(clock, { now: () => realNow() + shift });
  shift = -7_200_000;
  for (let second = 0; second < 20; second += 1) {
    clock.advance(1000);
    await settle();
  }
  expect(ticks.length).toBeGreaterThanOrEqual(2);
  expect(ticks.at(-1)).toBeLessThan(1_700_000_003_000n);
  stop();
});

test('ticks missed while the machine was suspended are not made up for', async () => {
  const { clock, ticks, stop } = start(every10s, 1_700_000_003_000);
  await settle();
  clock.advance(3_600_000);
  await settle();
  expect(ticks).toEqual([1_700_000_003_000n, 1_700_003_603_000n]);
  stop();
});

test('nothing ticks after the end', async () => {
  const { clock, ticks, stop } = start(every10s, 1_700_000_003_000);
  stop();
  clock.advance(60_000);
  await settle();
  expect(ticks).toHaveLength(1);
});
