import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { atOnce } from '../../src/core/turns.ts';
import { History } from '../../src/history/history.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/history/spans.ts';
import type { FieldValue } from '../../src/metric/metric.ts';
import { manualClock, silentLog } from '../../src/testing.ts';

/** The beginning of a day, and of a week since the Unix epoch. */
const NOW = 20_006 * DAY_MS;
const SET = { host: '', name: 'm', tags: Object.freeze({}) };

let folder: string;
let history: History;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-usual-'));
  history = new History({ path: join(folder, 'history.db'), clock: manualClock(NOW), log: silentLog });
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

/** A sample every two minutes up to now. */
function fill(days: number, valueAt: (time: number) => FieldValue | undefined): void {
  for (let time = NOW - days * DAY_MS; time < NOW; time += 2 * MINUTE_MS) {
    const value = valueAt(time);
    if (value === undefined) continue;
    history.add({ name: SET.name, tags: SET.tags, fields: { v: value }, time: BigInt(time) * 1_000_000n });
  }
}

const hourOf = (time: number) => Math.floor((time % DAY_MS) / HOUR_MS);
/** 0 to 9 and back, evenly spread over each hour. */
const digit = (time: number) => (time / (2 * MINUTE_MS)) % 10;

function band(from: number, to: number, isRate = false) {
  return history.read((view) => view.usual({ set: SET, field: 'v' }, { from, to }, isRate));
}

describe('what is usual', () => {
  test('is known from three days on', () => {
    fill(2.9, digit);
    expect(band(NOW - HOUR_MS, NOW)).toEqual({ low: new Float64Array(), high: new Float64Array() });
    fill(3.1, digit);
    const { low, high } = band(NOW - HOUR_MS, NOW);
    expect([low.length, high.length]).toEqual([1, 1]);
    expect(low[0]).toBeCloseTo(0.9, 0);
    expect(high[0]).toBeCloseTo(8.1, 0);
  });

  test('is of the hour of the day below two weeks, from memory and from roll-ups', () => {
    fill(4, (time) => 100 * hourOf(time) + digit(time));
    for (const when of ['in memory', 'stored']) {
      const { low, high } = band(NOW - DAY_MS + 1, NOW + HOUR_MS);
      expect([when, low.length, high.length]).toEqual([when, 25, 25]);
      for (const [index, value] of low.entries()) {
        const base = 100 * (index % 24);
        expect(value).toBeGreaterThanOrEqual(base);
        expect(high[index]!).toBeGreaterThan(value);
        expect(high[index]!).toBeLessThanOrEqual(base + 9);
      }
      atOnce(history.seal());
    }
  }, 60_000);

  test('is of the hour of the week from two weeks on', () => {
    const isWeekend = (time: number) => Math.floor(time / DAY_MS) % 7 >= 5;
    fill(14.1, (time) => (isWeekend(time) ? 1000 : 0) + digit(time));
    const { low, high } = band(NOW, NOW + 7 * DAY_MS);
    expect(low).toHaveLength(7 * 24);
    for (const [index, value] of low.entries()) {
      const base = isWeekend(NOW + index * HOUR_MS) ? 1000 : 0;
      expect([index, value >= base, high[index]! <= base + 9]).toEqual([index, true, true]);
    }
  });

  test('leaves out a spike, and hours of which too little is known', () => {
    // Hour 5 is off but for ten minutes of each day; an hour of one day was wild.
    fill(12, (time) => {
      if (hourOf(time) === 5) return time > NOW - DAY_MS && time % HOUR_MS < 20 * MINUTE_MS ? 1 : undefined;
      if (hourOf(time) === 6 && time > NOW - DAY_MS) return 1_000_000;
      return digit(time);
    });
    const { low, high } = band(NOW - DAY_MS, NOW);
    expect([low[5], high[5]]).toEqual([NaN, NaN]);
    expect(high[6]).toBeLessThanOrEqual(9);
    expect(low[4]).not.toBeNaN();
  });

  test('of a counter is its rate', () => {
    // 3 a second in odd hours, else 1; starts again each day.
    let count = 0;
    fill(4, (time) => {
      count = time % DAY_MS === 0 ? 0 : count + 120 * (hourOf(time) % 2 === 1 ? 3 : 1);
      return BigInt(count);
    });
    const { low, high } = band(NOW - 3 * HOUR_MS, NOW - HOUR_MS, true);
    expect([...low]).toEqual([3, 1]);
    expect([...high]).toEqual([3, 1]);
  });

  test.each([
    [NOW, NOW],
    [NOW, NOW - HOUR_MS * 2],
    [0, NOW],
    [NaN, NOW],
  ])('refuses a range from %d to %d', (from, to) => {
    fill(4, digit);
    expect(() => band(from, to)).toThrow(RangeError);
  });
});
