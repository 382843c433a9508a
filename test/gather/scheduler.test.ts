import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { nextTick, startSchedule, type Schedule } from '../../src/gather/scheduler.ts';
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

test('jitter delays each gather anew, and the metrics carry the tick without it', async () => {
  const draws = [0.5, 0, 0.9];
  const { clock, ticks, stop } = start({ ...every10s, jitter: 4000 }, 1_700_000_000_000, () => draws.shift() ?? 0);
  const seen: (readonly [wall: number, ticks: number])[] = [];
  for (let second = 0; second < 34; second += 1) {
    clock.advance(1000);
    await settle();
    if (ticks.length > (seen.at(-1)?.[1] ?? 1)) seen.push([clock.now() - 1_700_000_000_000, ticks.length]);
  }
  expect(seen.map(([wall]) => wall)).toEqual([12_000, 20_000, 34_000]);
  expect(ticks).toEqual([1_700_000_000_000n, 1_700_000_010_000n, 1_700_000_020_000n, 1_700_000_030_000n]);
  stop();
});

test('S-009: a first gather just before a tick has a time of its own', async () => {
  const { clock, ticks, stop } = start({ interval: 1000, jitter: 0, offset: 0 }, 1_700_000_003_700);
  clock.advance(300);
  await settle();
  expect(ticks).toEqual([1_700_000_003_700n, 1_700_000_004_000n]);
  stop();
});

/** A schedule, and how time passes: what timers see, and what the wall clock is set by before that. In milliseconds. */
const scheduled = fc.record({
  interval: fc.integer({ min: 100, max: 3_600_000 }),
  jitter: fc.integer({ min: 0, max: 7_200_000 }),
  offset: fc.integer({ min: 0, max: 3_600_000 }),
});
/** In thousandths of the interval, because what matters is how they compare with it. */
const passing = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 60 });
const wallTime = fc.integer({ min: 1_600_000_000_000, max: 1_800_000_000_000 });
const chance = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));

function simulated(schedule: Schedule, now: number, chances: Iterator<number>) {
  const timers = manualClock(now);
  let shift = 0;
  const clock = { ...timers, now: () => timers.now() + shift };
  const ticks: number[] = [];
  const tick = (time: bigint) => ticks.push(Number(time / 1_000_000n));
  startSchedule(schedule, tick, clock, () => chances.next().value as number);
  return {
    ticks,
    now: clock.now,
    pass: (thousandths: number) => {
      timers.advance(Math.round((thousandths * schedule.interval) / 1000));
    },
    set: (by: number) => {
      shift += by;
    },
  };
}

function expectIncreasing(ticks: readonly number[]) {
  for (const [index, time] of ticks.entries()) if (index > 0) expect(time).toBeGreaterThan(ticks[index - 1]!);
}

test('S-009: no two gathers share a time, however late timers fire and however far the clock is set forward', () => {
  const forward = fc.array(fc.constantFrom(0, 0, 0, 1, 1000, 86_400_000), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(scheduled, wallTime, passing, forward, chance, (schedule, now, passes, sets, chances) => {
      const run = simulated(schedule, now, chances);
      passes.forEach((thousandths, index) => {
        const before = run.ticks.length;
        run.set(sets[index] ?? 0);
        run.pass(thousandths);
        for (const time of run.ticks.slice(before)) {
          const isOnGrid = (time - schedule.offset) % schedule.interval === 0;
          expect(isOnGrid || time === run.now()).toBe(true);
          expect(time).toBeLessThanOrEqual(run.now());
        }
      });
      expectIncreasing(run.ticks);
    }),
  );
});

test('S-009: a clock set back by up to interval and jitter delays a tick; one set back further goes on at the new time', () => {
  fc.assert(
    fc.property(scheduled, wallTime, passing, chance, fc.integer({ min: 0, max: 5000 }), (schedule, now, ...rest) => {
      const [passes, chances, back] = rest;
      const longest = schedule.interval + schedule.jitter;
      const run = simulated(schedule, now, chances);
      for (const thousandths of passes) run.pass(thousandths);
      const before = run.ticks.length;
      const step = Math.round((longest * back) / 1000);
      run.set(-step);
      for (let passed = 0; passed <= 2 * longest + step && run.ticks.length < before + 3; passed += schedule.interval)
        run.pass(1000);
      expect(run.ticks.length).toBeGreaterThan(before);
      if (step <= longest) expectIncreasing(run.ticks);
      else expectIncreasing(run.ticks.slice(before));
    }),
  );
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
