/** What inputs can do to the history: far too many series, and fields that change their type. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { atOnce } from '../../src/core/turns.ts';
import { History } from '../../src/history/history.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/history/spans.ts';
import type { FieldValue } from '../../src/metric/metric.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog } from '../support/kit/recording-log.ts';

const START = 500_000 * HOUR_MS;
const NO_TAGS = Object.freeze({});
const SET = { host: '', name: 'm', tags: NO_TAGS };

let folder: string;
let log = recordingLog();
let history: History;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-bad-input-'));
  log = recordingLog();
  history = new History({ path: join(folder, 'history.db'), clock: manualClock(START), log });
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

function add(time: number, value: FieldValue, tags: Readonly<Record<string, string>> = NO_TAGS): number | undefined {
  return history.add({ name: 'm', tags, fields: { v: value }, time: BigInt(time) * 1_000_000n });
}

const ask = (step: number) =>
  Array.from(
    history.read((view) =>
      view.query(SET, { field: 'v', from: START, to: START + 6 * MINUTE_MS, step, functions: ['max'] }),
    ).values[0]!,
  );

test('100,000 series are bounded in number and memory, and reported once; those that are known go on', () => {
  const tagsOf = (series: number) => Object.freeze({ series: String(series) });
  for (let series = 0; series < 100_000; series += 1) add(START, series, tagsOf(series));
  for (let series = 0; series < 10_000; series += 1) add(START + 1000, series, tagsOf(series));
  expect([history.setCount, history.refused]).toEqual([5000, 100_000]);
  expect(history.headBytes).toBeLessThan(20e6);
  expect(log.lines).toEqual(['warn: Too many series for the history; new ones are not kept']);
  expect(add(START + 2000, 1, tagsOf(4999))).toBe(START);
  expect(add(START + 2000, 1, tagsOf(5000))).toBeUndefined();
  const values = history.read((view) =>
    view.query(
      { ...SET, tags: tagsOf(4999) },
      { field: 'v', from: START, to: START + 3000, step: 1000, functions: ['last'] },
    ),
  ).values[0]!;
  expect([...values]).toEqual([4999, 4999, 1]);
}, 60_000);

test('a field that is a float, then a text, then an integer, then a boolean, keeps what can be drawn', () => {
  const values: readonly FieldValue[] = [1.5, 'off', 7n, true, 2.5, 'on'];
  const numbers = [1.5, NaN, 7, 1, 2.5, NaN];
  for (const [minute, value] of values.entries()) {
    add(START + minute * MINUTE_MS, value);
    for (const when of ['in memory', 'stored']) {
      const expected = numbers.map((number, index) => (index <= minute ? number : NaN));
      expect([when, ask(1000).filter((_, index) => index % 60 === 0)]).toEqual([when, expected]);
      expect([when, ask(MINUTE_MS)]).toEqual([when, expected]);
      atOnce(history.seal());
    }
  }
  // The same time with another type: the last write wins, in the roll-up as well.
  add(START, 'none');
  add(START + MINUTE_MS, 9n);
  for (const when of ['in memory', 'stored']) {
    expect([when, ask(1000)[0], ask(MINUTE_MS).slice(0, 2)]).toEqual([when, NaN, [NaN, 9]]);
    atOnce(history.seal());
  }
});
