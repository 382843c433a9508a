import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { atOnce } from '../../src/core/turns.ts';
import type { Changes, CounterOf } from '../../src/history/access.ts';
import { History } from '../../src/history/history.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/history/spans.ts';
import type { FieldValue } from '../../src/metric/metric.ts';
import { manualClock, silentLog } from '../../src/testing.ts';

const NOW = 20_000 * DAY_MS;
const SPAN = HOUR_MS;

let folder: string;
let history: History;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-changes-'));
  history = new History({ path: join(folder, 'history.db'), clock: manualClock(NOW), log: silentLog });
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

/** Between 0 and 1, the same for the same number. */
const noise = (seed: number) => {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
};

type Value = (index: number, start: number) => FieldValue | undefined;

/** Samples of a span, every 10 s. */
function fill(field: string, start: number, valueAt: Value, length = SPAN, every = 10_000): void {
  for (let time = start, index = 0; time < start + length; time += every, index += 1) {
    const value = valueAt(index, start);
    if (value === undefined) continue;
    history.add({ name: 'm', tags: Object.freeze({}), fields: { [field]: value }, time: BigInt(time) * 1_000_000n });
  }
}

function changes(before: number, counters: readonly CounterOf[] = [], from = NOW - SPAN, to = NOW): Changes {
  return history.read((view) => view.changes({ from, to }, before, counters));
}

const namesOf = ({ changes: all }: Changes) => all.map(({ of }) => of.field);
const AFTER = NOW - SPAN;
const BEFORE = AFTER - SPAN;

describe('what changed', () => {
  test.each([
    ['the span before', BEFORE],
    ['yesterday', AFTER - DAY_MS],
    ['last week', AFTER - 7 * DAY_MS],
  ])('against %s ranks a planted change first, in memory and stored', (_, before) => {
    for (const start of [AFTER, BEFORE, AFTER - DAY_MS, AFTER - 7 * DAY_MS]) {
      for (let series = 0; series < 30; series += 1) {
        // Of very different sizes: what counts is how much a series usually moves.
        const size = 10 ** (series % 6);
        fill(`noise${series}`, start, (index) => size * (5 + noise(index + start / 1000 + series)));
      }
      fill('planted', start, (index) => (start === before ? 3 : 4) + noise(index + start) / 4);
    }
    for (const when of ['in memory', 'stored']) {
      const found = changes(before);
      expect([when, namesOf(found)[0], found.compared]).toEqual([when, 'planted', 31]);
      const [first, second] = found.changes;
      expect(first!.score).toBeGreaterThan(3 * second!.score);
      expect(first!.before).toBeCloseTo(3.125, 1);
      expect(first!.after).toBeCloseTo(4.125, 1);
      expect(first!.factor).toBeCloseTo(4.125 / 3.125, 1);
      expect([first!.spark.length, first!.spark.some(Number.isNaN)]).toEqual([32, false]);
      atOnce(history.seal());
    }
  });

  test('leaves out texts, constants, and what has too few values in one of the spans', () => {
    for (const start of [BEFORE, AFTER]) {
      const isAfter = start === AFTER;
      fill('text', start, () => (isAfter ? 'b' : 'a'));
      fill('constant', start, () => 7);
      fill('moved', start, () => (isAfter ? 8 : 7));
      fill('new', start, () => (isAfter ? 1 : undefined));
      fill('gone', start, (index) => (isAfter && index > 1 ? undefined : 1));
      fill('holes', start, (index) => (index % 50 === 0 ? (isAfter ? 50n : 10n) + BigInt(index % 3) : undefined));
      fill('on', start, () => isAfter);
    }
    for (const when of ['in memory', 'stored']) {
      const found = changes(BEFORE);
      expect([when, ...namesOf(found).sort()]).toEqual([when, 'holes', 'moved', 'on']);
      expect(found.compared).toBe(4);
      const holes = found.changes.find(({ of }) => of.field === 'holes')!;
      expect([holes.before, holes.after]).toEqual([11, 51]);
      // Half of an hour in sixteen parts; some have no sample.
      expect(holes.spark.filter(Number.isNaN).length).toBeGreaterThan(8);
      atOnce(history.seal());
    }
  });

  test('compares counters by their rate, also over a restart', () => {
    for (const start of [BEFORE, AFTER]) {
      const isAfter = start === AFTER;
      // Both are much larger than before; only one grows faster. It starts again in the middle.
      fill('steady', start, (index) => BigInt((isAfter ? 360 + index : index) * 50 + Math.round(noise(index) * 9)));
      fill('faster', start, (index) => BigInt(isAfter ? (index % 180) * 100 : index * 50));
    }
    const counters = ['steady', 'faster'].map((field) => ({ measurement: 'm', field }));
    const found = changes(BEFORE, counters);
    expect(namesOf(found)[0]).toBe('faster');
    expect([found.changes[0]!.before, found.changes[0]!.after]).toEqual([5, 10]);
    expect(found.changes.find(({ of }) => of.field === 'steady')?.score ?? 0).toBeLessThan(0.5);
    // Without the knowledge that they are counters both have changed.
    expect(changes(BEFORE).changes).toHaveLength(2);
  });

  test('sees the stored part of an hour that has more samples in memory', () => {
    const [start, length] = [NOW - 2 * HOUR_MS, 2 * HOUR_MS];
    const minute = (value: number) => () => value;
    fill('busy', start - length, minute(0), length, MINUTE_MS);
    fill('busy', start, (index) => (index < 30 ? 100 : 0), HOUR_MS, MINUTE_MS);
    fill('busy', start + HOUR_MS, minute(0), 40 * MINUTE_MS, MINUTE_MS);
    atOnce(history.seal());
    fill('busy', start + HOUR_MS + 40 * MINUTE_MS, minute(100), 20 * MINUTE_MS, MINUTE_MS);
    // 70 minutes of 0 and 50 of 100: the median has not moved.
    expect(changes(start - length, [], start)).toMatchObject({ compared: 1, changes: [] });
  });

  test('of days, takes one value of each hour that is not rolled up yet', () => {
    const [start, length] = [NOW - 2 * DAY_MS, 2 * DAY_MS];
    const last = (index: number) => (index % 60 === 59 ? 4 : 0);
    fill('grown', start - length, last, length, MINUTE_MS);
    fill('grown', start, (index) => 100 + last(index), length, MINUTE_MS);
    atOnce(history.seal());
    expect(changes(start - length, [], start).changes).toMatchObject([{ before: 4, after: 104 }]);
    // Then it is one of each quarter of an hour.
    while (atOnce(history.rollUp(NOW)));
    expect(changes(start - length, [], start).changes).toMatchObject([{ before: 0, after: 100 }]);
  });

  test.each([
    [NOW, NOW, BEFORE],
    [AFTER, NOW, AFTER],
    [AFTER, NOW, NOW],
    [AFTER, Infinity, BEFORE],
    [AFTER, NOW, NaN],
  ])('refuses a span from %d to %d against one at %d', (from, to, before) => {
    expect(() => changes(before, [], from, to)).toThrow(RangeError);
  });
});
