import { expect, test } from '@jest/globals';

import { CpuMeter } from '../../src/status/cpu-meter.ts';
import { manualClock } from '../../src/testing.ts';

test('CPU is of the last minute, also when nobody has asked before', () => {
  const clock = manualClock();
  let used = 0;
  const meter = new CpuMeter(clock, () => used);
  meter.start();
  expect(meter.percent()).toBe(0);
  const run = (seconds: number, percent: number) => {
    for (let second = 0; second < seconds; second += 1) {
      used += percent * 10;
      clock.advance(1000);
    }
  };
  run(5, 20);
  expect(meter.percent()).toBeCloseTo(20);
  run(300, 50);
  expect(meter.percent()).toBeCloseTo(50);
  run(30, 0);
  expect(meter.percent()).toBeGreaterThan(15);
  expect(meter.percent()).toBeLessThan(35);
  run(40, 0);
  expect(meter.percent()).toBeCloseTo(0);
  meter.stop();
});
