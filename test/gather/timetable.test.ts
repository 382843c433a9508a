import { expect, test } from '@jest/globals';

import { Timetable } from '../../src/gather/timetable.ts';
import { manualClock } from '../../src/testing.ts';

const START = 1_700_000_003_000;
const every10s = { interval: 10_000, jitter: 0, offset: 0 };

function timetable() {
  const clock = manualClock(START);
  let timers = 0;
  const after = (ms: number, callback: () => void) => {
    timers += 1;
    return clock.after(ms, callback);
  };
  const ticks: string[] = [];
  const table = new Timetable({ ...clock, after }, () => 0);
  const start = (name: string, schedule = every10s) =>
    table.start(schedule, (time) => ticks.push(`${name} ${Number(time / 1_000_000_000n) - START / 1000}`));
  return { clock, start, ticks, timers: () => timers };
}

test('schedules that tick together have one timer', () => {
  const { clock, start, ticks, timers } = timetable();
  start('a');
  start('b');
  start('c', { ...every10s, offset: 1000 });
  expect(ticks).toEqual(['a 0', 'b 0', 'c 0']);
  expect(timers()).toBe(2);
  for (let second = 0; second < 10; second += 1) clock.advance(1000);
  expect(ticks.slice(3)).toEqual(['a 7', 'b 7', 'c 8']);
  expect(timers()).toBe(4);
});

test('one that joins later ticks at once and then with the others', () => {
  const { clock, start, ticks } = timetable();
  start('a');
  clock.advance(3000);
  start('b');
  clock.advance(4000);
  expect(ticks).toEqual(['a 0', 'b 3', 'a 7', 'b 7']);
});

test('one that ends leaves the others; after the last one there is no timer', () => {
  const { clock, start, ticks, timers } = timetable();
  const endA = start('a');
  const endB = start('b');
  endA();
  clock.advance(7000);
  expect(ticks).toEqual(['a 0', 'b 0', 'b 7']);
  endB();
  clock.advance(60_000);
  expect(ticks).toHaveLength(3);
  expect(timers()).toBe(2);
  start('c');
  endB();
  clock.advance(10_000);
  expect(ticks.slice(3)).toEqual(['c 67', 'c 77']);
});

test('with jitter each has its own', () => {
  const { clock, start, ticks, timers } = timetable();
  start('a', { ...every10s, jitter: 500 });
  start('b', { ...every10s, jitter: 500 });
  expect(timers()).toBe(2);
  clock.advance(7000);
  expect(ticks).toEqual(['a 0', 'b 0', 'a 7', 'b 7']);
});

test('a timer that is late does not tick for one that began after its instant', () => {
  const clock = manualClock(START);
  let late = 0;
  const after = (ms: number, callback: () => void) => clock.after(ms + late, callback);
  const table = new Timetable({ ...clock, after }, () => 0);
  const ticks: bigint[] = [];
  late = 3;
  table.start(every10s, () => undefined);
  clock.advance(7001);
  table.start(every10s, (time) => ticks.push(time / 1_000_000n));
  clock.advance(2);
  expect(ticks).toEqual([BigInt(START + 7001)]);
  late = 0;
  clock.advance(10_000);
  expect(ticks.slice(1)).toEqual([BigInt(START + 17_000)]);
});
