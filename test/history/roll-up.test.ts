/** What happens when six hours are over: larger blocks, minutes, quarters of an hour; and files from before there were quarters. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { atOnce } from '../../src/core/turns.ts';
import type { QueryFunction } from '../../src/history/buckets.ts';
import { Block, encodeBlock } from '../../src/history/codec/block.ts';
import { HeadSet } from '../../src/history/head-set.ts';
import { History } from '../../src/history/history.ts';
import { rollUp } from '../../src/history/roll-up.ts';
import type { Samples } from '../../src/history/samples.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS, SPAN_MS, toMs } from '../../src/history/spans.ts';
import { openDatabase } from '../../src/history/store/database.ts';
import type { Level } from '../../src/history/store/schema.ts';
import { HistoryService } from '../../src/history/worker/service.ts';
import { loadDriver } from '../../src/host/sqlite/driver.ts';
import type { Metric } from '../../src/metric/metric.ts';
import { manualClock, silentLog } from '../../src/testing.ts';

const START = 20_000 * DAY_MS;
const SET = { host: '', name: 'm', tags: Object.freeze({}) };

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-roll-up-'));
  path = join(folder, 'history.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function fail(error: Error): never {
  throw error;
}

function blocks(level: Level): readonly Block[] {
  const database = openDatabase(loadDriver(), path, fail);
  const id = database.findSet(SET) ?? 0;
  const all = database.blocks(id, level, 0, START + 1000 * DAY_MS).map(({ bytes }) => new Block(bytes));
  database.close();
  return all;
}

function sample(time: number, value: number): Metric {
  return { name: SET.name, tags: SET.tags, fields: { v: value }, time: BigInt(time) * 1_000_000n };
}

function withHistory<Result>(use: (history: History) => Result, now = START + DAY_MS): Result {
  const history = new History({ path, clock: manualClock(now), log: silentLog });
  try {
    return use(history);
  } finally {
    history.close();
  }
}

function ask(history: History, step: number, fn: QueryFunction, to = START + DAY_MS): readonly number[] {
  const query = { field: 'v', from: START, to, step, functions: [fn] };
  return Array.from(history.read((view) => view.query(SET, query)).values[0]!);
}

describe('six hours that are rolled up', () => {
  test('are one block of each level, and late samples change all of them', () => {
    withHistory((history) => {
      for (let time = START; time < START + 2 * SPAN_MS; time += 10_000) history.add(sample(time, time % 7));
      atOnce(history.seal());
      while (atOnce(history.rollUp(START + SPAN_MS)));
      history.add(sample(START + HOUR_MS + 5, 1000));
      atOnce(history.seal());
      for (const step of [30_000, MINUTE_MS, QUARTER_MS, HOUR_MS]) {
        const largest = ask(history, step, 'max').map((value) => value === 1000);
        expect([step, largest.indexOf(true), largest.lastIndexOf(true)]).toEqual([
          step,
          HOUR_MS / step,
          HOUR_MS / step,
        ]);
      }
    });
    const sizes = (level: Level) => blocks(level).map(({ rows }) => rows);
    expect(sizes('raw')).toEqual([2161, ...new Array<number>(6).fill(360)]);
    expect([sizes('minutes'), sizes('quarters')]).toEqual([[360], [24]]);
  });

  test.each([
    ['that goes on', Infinity],
    // At 02:07.
    ['that starts again within a quarter of an hour', START + 2 * HOUR_MS + 7 * MINUTE_MS],
  ])('give the rate of a counter %s', (_, restart) => {
    withHistory((history) => {
      // 5 a second. Six hours are rolled up, and six are not.
      for (let time = START; time < START + 2 * SPAN_MS; time += 10_000)
        history.add(sample(time, ((time < restart ? time - START : time - restart) / 1000) * 5));
      atOnce(history.seal());
      while (atOnce(history.rollUp(START + SPAN_MS)));
      const rates = ask(history, QUARTER_MS, 'rate', START + 2 * SPAN_MS);
      expect(Math.min(...rates)).toBeGreaterThan(4.9);
      expect(Math.max(...rates)).toBeLessThan(5.01);
    });
  });

  test('are rolled up by the service, when their last hour is stored', async () => {
    const clock = manualClock(START);
    const data = {
      path,
      boot: { number: 0, at: undefined },
      retention: { raw: 14 * DAY_MS, minutes: 400 * DAY_MS, maxBytes: 2 ** 30 },
      ownName: undefined,
      sealWithin: Infinity,
    };
    const service = new HistoryService({ data, clock, log: silentLog, onSealed: () => undefined });
    for (let hour = 0; hour < 7; hour += 1) {
      const lines = Buffer.from(`m v=${hour} ${(START + hour * HOUR_MS) * 1e6}\n`);
      await service.add({ lines, start: hour, end: hour + 1 });
      clock.advance(HOUR_MS);
    }
    // It works between messages, after a tick.
    for (let rounds = 0; rounds < 200 && blocks('quarters').length === 0; rounds += 1) {
      clock.advance(MINUTE_MS);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await service.close();
    expect(blocks('quarters').map(({ rows }) => rows)).toEqual([6]);
    expect(blocks('raw').map(({ rows }) => rows)).toEqual([6]);
  });
});

test('a file of version 3 keeps all it has: hours, days of minutes, also those whose samples are gone', () => {
  const database = openDatabase(loadDriver(), path, fail);
  const id = database.setId(SET);
  const store = (level: Level, samples: Samples) => {
    const [from = 0, to = 0] = [samples.times[0], samples.times.at(-1)].map((time) => toMs(time ?? 0n));
    database.addBlock(id, level, { from, to, bytes: encodeBlock(samples) });
  };
  for (let day = START - 2 * DAY_MS; day < START + DAY_MS; day += DAY_MS) {
    const all = new HeadSet();
    for (let hour = day; hour < day + DAY_MS; hour += HOUR_MS) {
      const head = new HeadSet();
      for (let time = hour; time < hour + HOUR_MS; time += 30_000) {
        head.add(sample(time, (time / 30_000) % 100));
        all.add(sample(time, (time / 30_000) % 100));
      }
      if (day === START) store('raw', head.samples());
    }
    store('minutes', rollUp(all.samples()));
  }
  database.close();
  const db = new (loadDriver())(path);
  db.exec('PRAGMA user_version = 3');
  db.close();
  withHistory((history) => {
    const answers = () =>
      [MINUTE_MS, QUARTER_MS, HOUR_MS].map((step) => {
        const query = { field: 'v', from: START - 2 * DAY_MS, to: START + DAY_MS, step, functions: ['mean'] } as const;
        return Array.from(history.read((view) => view.query(SET, query)).values[0]!);
      });
    const before = answers();
    expect(before.flat().some(Number.isNaN)).toBe(false);
    let rounds = 0;
    for (; atOnce(history.rollUp(START + DAY_MS)); rounds += 1) expect(answers()).toEqual(before);
    expect(rounds).toBe(12);
  });
  expect(blocks('raw').map(({ rows }) => rows)).toEqual([720, 720, 720, 720]);
  expect(blocks('quarters').reduce((sum, { rows }) => sum + rows, 0)).toBe(3 * 96);
});
