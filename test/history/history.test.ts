import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { atOnce } from '../../src/core/turns.ts';
import type { QueryFunction } from '../../src/history/buckets.ts';
import { History, type HistoryOptions } from '../../src/history/history.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, startOf } from '../../src/history/spans.ts';
import { NewerHistoryError } from '../../src/history/store/schema.ts';
import { loadDriver } from '../../src/host/sqlite/driver.ts';
import type { FieldValue } from '../../src/metric/metric.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog } from '../support/kit/recording-log.ts';

const START = 20_000 * DAY_MS;
const NO_TAGS = Object.freeze({});
const CPU = { host: '', name: 'cpu', tags: NO_TAGS };

let folder: string;
let path: string;
let log = recordingLog();
let clock = manualClock(START);
let history: History | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-history-'));
  path = join(folder, 'state', 'history.db');
  log = recordingLog();
  clock = manualClock(START);
});
afterEach(() => {
  history?.close();
  history = undefined;
  rmSync(folder, { recursive: true });
});

function open(options: Partial<HistoryOptions> = {}): History {
  history?.close();
  history = new History({ path, clock, log, ...options });
  return history;
}

function add(time: number, value: FieldValue, name = 'cpu', host = ''): void {
  history!.add({ name, tags: NO_TAGS, fields: { busy: value }, time: BigInt(time) * 1_000_000n }, host);
}

/** A sample every 10 s. */
function fill(from: number, to: number, valueAt: (index: number) => FieldValue): void {
  for (let time = from, index = 0; time < to; time += 10_000, index += 1) add(time, valueAt(index));
}

const ask = (from: number, to: number, step: number, fn: QueryFunction = 'mean') =>
  history!.read((view) => view.query(CPU, { field: 'busy', from, to, step, functions: [fn] }));
const sets = () => history!.read((view) => view.sets()).map(({ set }) => set);
const answer = (...about: Parameters<typeof ask>) => Array.from(ask(...about).values[0]!);

/** What is stored, up to the hour. */
function rollUp(): void {
  while (atOnce(history!.rollUp(startOf(clock.now(), HOUR_MS))));
}

describe('a query', () => {
  test('by the hour is answered from headers, without inflating a block', () => {
    open();
    fill(START, START + 3 * HOUR_MS, (index) => index % 100);
    atOnce(history!.seal());
    for (const fn of ['mean', 'min', 'max', 'last'] as const) {
      expect(ask(START, START + 3 * HOUR_MS, HOUR_MS, fn).inflated).toBe(0);
    }
    expect(answer(START, START + 3 * HOUR_MS, HOUR_MS, 'max')).toEqual([99, 99, 99]);
    expect(ask(START, START + 3 * HOUR_MS, 30_000).inflated).toBe(3);
  });

  test('for a rate follows a counter through a restart', () => {
    open();
    // 5 a second; starts again in the second hour.
    const counter = (index: number) => BigInt((index < 540 ? index : index - 540) * 50);
    fill(START, START + 3 * HOUR_MS, counter);
    for (const when of ['in memory', 'stored']) {
      const rates = answer(START, START + 3 * HOUR_MS, HOUR_MS, 'rate');
      expect([when, rates[0], rates[2]]).toEqual([when, 5, 5]);
      expect(rates[1]).toBeCloseTo(5 * (359 / 360), 6);
      atOnce(history!.seal());
    }
    // The hour with the restart is the only one that is inflated.
    expect(ask(START, START + 3 * HOUR_MS, HOUR_MS, 'rate').inflated).toBe(1);
    expect(answer(START, START + HOUR_MS, 10 * MINUTE_MS, 'rate')[3]).toBeCloseTo(5, 6);
  });

  test('finds nothing for unknown series and fields, and refuses absurd ranges', () => {
    open();
    fill(START, START + HOUR_MS, (index) => index);
    expect(answer(START, START + HOUR_MS, HOUR_MS).every(Number.isNaN)).toBe(false);
    const query = { field: 'busy', from: START, to: START + HOUR_MS, step: HOUR_MS, functions: ['mean'] } as const;
    expect(
      Array.from(history!.read((view) => view.query({ ...CPU, name: "x'; DROP TABLE sets; --" }, query)).values[0]!),
    ).toEqual([NaN]);
    expect(Array.from(history!.read((view) => view.query(CPU, { ...query, field: 'other' })).values[0]!)).toEqual([
      NaN,
    ]);
    for (const [from, to, step] of [
      [1, 0, 1000],
      [0, 1e15, 1],
      [0, NaN, 1000],
      [0, Infinity, 1000],
      [0, 1000, 0],
    ] as const)
      expect(() => ask(from, to, step)).toThrow(RangeError);
  });

  test('sees a field that changes its type', () => {
    open();
    fill(START, START + 30_000, () => 1.5);
    fill(START + 30_000, START + 60_000, () => 3n);
    add(START, 4n);
    for (const when of ['in memory', 'stored']) {
      expect([when, ...answer(START, START + MINUTE_MS, 10_000)]).toEqual([when, 4, 1.5, 1.5, 3, 3, 3]);
      expect([when, ...answer(START, START + MINUTE_MS, MINUTE_MS, 'max')]).toEqual([when, 4]);
      atOnce(history!.seal());
    }
  });
});

describe('the file', () => {
  test('keeps what is sealed over a restart, readable by owner and group only', () => {
    open();
    fill(START, START + 2 * HOUR_MS, (index) => index);
    const before = answer(START, START + 2 * HOUR_MS, MINUTE_MS);
    atOnce(history!.seal());
    open();
    expect(answer(START, START + 2 * HOUR_MS, MINUTE_MS)).toEqual(before);
    expect(sets()).toEqual([CPU]);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  test.each([
    ['full of zeroes', Buffer.alloc(8192)],
    ['empty', Buffer.alloc(0)],
    ['of text', Buffer.from('not a database'.repeat(200))],
  ])('that is %s is set aside with a message', (_, content) => {
    open();
    history!.close();
    history = undefined;
    writeFileSync(path, content);
    open();
    expect(log.lines.join()).toMatch(/^warn: Cannot use .*history\.db; moved it aside/);
    const aside = readdirSync(join(folder, 'state')).find((name) => name.includes('.damaged-'))!;
    expect(readFileSync(join(folder, 'state', aside))).toEqual(content);
    fill(START, START + MINUTE_MS, () => 7);
    atOnce(history!.seal());
    expect(answer(START, START + MINUTE_MS, MINUTE_MS)).toEqual([7]);
  });

  test('of a newer version is left alone', () => {
    open().close();
    history = undefined;
    const db = new (loadDriver())(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    const before = readFileSync(path);
    expect(() => open()).toThrow(NewerHistoryError);
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(join(folder, 'state')).filter((name) => name.includes('damaged'))).toEqual([]);
  });

  test('with a damaged block loses that block, and says so once', () => {
    open();
    fill(START, START + 2 * HOUR_MS, () => 7);
    atOnce(history!.seal());
    const db = new (loadDriver())(path);
    db.exec(`UPDATE blocks SET blob = x'010203' WHERE from_ms = ${START}`);
    db.close();
    expect(answer(START, START + 2 * HOUR_MS, 30 * 60_000 + 1).filter((value) => value === 7)).not.toEqual([]);
    expect(answer(START, START + 2 * HOUR_MS, HOUR_MS)).toEqual([NaN, 7]);
    expect(log.lines).toEqual(['warn: A block of the history is damaged: it ends too early']);
    add(START, 8);
    atOnce(history!.seal());
    expect(answer(START, START + 2 * HOUR_MS, HOUR_MS)).toEqual([8, 7]);
  });

  test('with bytes changed at random never stops the history', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      open();
      fill(START, START + 6 * HOUR_MS, (index) => Math.sin(index * seed));
      atOnce(history!.seal());
      history!.close();
      history = undefined;
      const bytes = readFileSync(path);
      for (let hit = 1; hit <= 40; hit += 1) bytes[(seed * 7919 * hit * 104_729) % bytes.length]! ^= 0xa5;
      writeFileSync(path, bytes);
      open();
      expect(answer(START, START + 6 * HOUR_MS, 30_000)).toHaveLength(720);
      fill(START + 6 * HOUR_MS, START + 7 * HOUR_MS, () => 7);
      atOnce(history!.seal());
      expect(answer(START + 6 * HOUR_MS, START + 7 * HOUR_MS, HOUR_MS)).toEqual([7]);
      history!.close();
      history = undefined;
      rmSync(join(folder, 'state'), { recursive: true });
    }
  });
});

/** By samples. */
const FIRST_DAYS = { field: 'busy', from: DAY_MS, to: 2 * DAY_MS, step: 30_001 };

describe('retention', () => {
  const prune = () => {
    let steps = 0;
    rollUp();
    while (history!.prune()) steps += 1;
    return steps;
  };

  test('deletes raw hours, then minutes; late samples of a deleted hour change nothing', () => {
    open({ retention: () => ({ raw: DAY_MS, minutes: 10 * DAY_MS, maxBytes: 2 ** 30 }) });
    fill(START, START + 2 * DAY_MS, (index) => index % 6);
    atOnce(history!.seal());
    prune();
    clock.advance(2 * DAY_MS);
    const before = answer(START, START + 2 * DAY_MS, HOUR_MS);
    prune();
    expect(answer(START, START + DAY_MS, 30_000).filter((value) => !Number.isNaN(value))).toHaveLength(1440);
    expect(answer(START, START + 2 * DAY_MS, HOUR_MS)).toEqual(before);
    add(START, 1000);
    atOnce(history!.seal());
    expect([history!.tooOld, answer(START, START + 2 * DAY_MS, HOUR_MS)]).toEqual([1, before]);
    clock.advance(20 * DAY_MS);
    prune();
    expect(sets()).toEqual([]);
  });

  test('does not delete everything when the clock is set forwards, and takes samples when it is set back', () => {
    let step = 0;
    const now = () => clock.now() + step;
    open({
      clock: { ...clock, now },
      retention: () => ({ raw: 3 * DAY_MS, minutes: 10 * DAY_MS, maxBytes: 2 ** 30 }),
    });
    fill(START, START + 2 * DAY_MS, () => 7);
    atOnce(history!.seal());
    clock.advance(2 * DAY_MS);
    prune();
    const kept = () => answer(START, START + 2 * DAY_MS, 30_000).filter((value) => value === 7).length;
    expect(kept()).toBe(2 * 2880);
    step = 3650 * DAY_MS;
    add(now(), 8);
    prune();
    for (let minute = 0; minute < 10; minute += 1) {
      clock.advance(MINUTE_MS);
      prune();
    }
    atOnce(history!.seal());
    // In ten minutes at most four hours become too old.
    expect(kept()).toBeGreaterThan(2 * 2880 - 5 * 120);
    step = 0;
    prune();
    add(now(), 9);
    expect([history!.tooOld, ...answer(now(), now() + 1, 1)]).toEqual([0, 9]);
  });

  test('deletes what a clock that was behind has left', () => {
    open();
    add(DAY_MS, 1);
    fill(START - DAY_MS, START, () => 7);
    atOnce(history!.seal());
    prune();
    const first = () => history!.read((view) => view.query(CPU, { ...FIRST_DAYS, functions: ['mean'] })).values[0]!;
    expect(first().includes(1)).toBe(true);
    for (let hour = 0; hour < 2; hour += 1) {
      clock.advance(HOUR_MS);
      prune();
    }
    expect(first().includes(1)).toBe(false);
    expect(answer(START - DAY_MS, START, HOUR_MS)).toEqual(new Array(24).fill(7));
  });

  test('of a file that was closed while the clock was ahead begins again', () => {
    open();
    history!.close();
    history = undefined;
    const db = new (loadDriver())(path);
    db.exec(`INSERT INTO facts (name, value) VALUES ('closed_before', ${START + 3650 * DAY_MS})`);
    db.close();
    open();
    add(START, 9);
    atOnce(history!.seal());
    expect(answer(START, START + MINUTE_MS, MINUTE_MS)).toEqual([9]);
  });

  test('keeps the file within its bound, by deleting the oldest raw hours first', () => {
    const maxBytes = 400_000;
    open({ retention: () => ({ raw: 100 * DAY_MS, minutes: 400 * DAY_MS, maxBytes }) });
    fill(START, START + 6 * DAY_MS, (index) => Math.sin(index));
    atOnce(history!.seal());
    clock.advance(6 * DAY_MS);
    prune();
    const end = START + 6 * DAY_MS;
    expect(answer(end - HOUR_MS, end, 10_000).every((value) => !Number.isNaN(value))).toBe(true);
    history!.close();
    history = undefined;
    expect(statSync(path).size).toBeLessThan(maxBytes * 1.1);
    expect(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  });
});

test('series sets are bounded for each host and in all; reported once; known ones go on', () => {
  open({ limits: { perHost: 2, inAll: 3 } });
  for (const name of ['a', 'b', 'c', 'd', 'a']) add(START, 1, name, 'one');
  for (const name of ['a', 'b']) add(START, 1, name, 'two');
  expect([history!.refused, history!.crowded]).toEqual([3, expect.arrayContaining(['one'])]);
  expect(log.lines).toHaveLength(2);
  atOnce(history!.seal());
  atOnce(history!.forgetHost('one'));
  expect(sets().map(({ host, name }) => `${host} ${name}`)).toEqual(['two a']);
  add(START, 1, 'b', 'two');
  expect([sets().length, history!.refused]).toEqual([2, 3]);
});

test('what cannot be written stays in memory and is written later', () => {
  open();
  fill(START, START + HOUR_MS, () => 7);
  const lock = new (loadDriver())(path);
  lock.exec('BEGIN IMMEDIATE');
  expect(() => {
    atOnce(history!.seal());
  }).toThrow(/locked|busy/i);
  expect(answer(START, START + HOUR_MS, HOUR_MS)).toEqual([7]);
  lock.exec('ROLLBACK');
  lock.close();
  atOnce(history!.seal());
  expect(history!.headBytes).toBe(0);
  expect(answer(START, START + HOUR_MS, HOUR_MS)).toEqual([7]);
});
