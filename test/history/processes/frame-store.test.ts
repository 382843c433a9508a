import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { ProcessFrame } from '../../../src/host/processes/frame.ts';
import { FrameStore } from '../../../src/history/processes/frame-store.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/history/spans.ts';
import { migrate } from '../../../src/history/store/schema.ts';
import { loadDriver, type Sqlite } from '../../../src/host/sqlite/driver.ts';

const START = 497_000 * HOUR_MS;

let db: Sqlite;
let corrupt: string[];
beforeEach(() => {
  const Database = loadDriver();
  db = new Database(':memory:');
  migrate(db);
  corrupt = [];
});
afterEach(() => {
  db.close();
});

const open = () => new FrameStore(db, ({ message }) => corrupt.push(message));
const rows = () => (db.prepare('SELECT count(*) AS count FROM frames').get() as { count: number }).count;
const frame = (at: number, name = 'nginx'): ProcessFrame => ({
  at,
  total: 300,
  processes: [
    { pid: 7, name, user: 'www', unit: 'nginx.service', cpu: 1.5, memory: 4096, read: 0, written: undefined },
  ],
});

/** A frame every 10 s. */
function fill(store: FrameStore, from: number, to: number): void {
  for (let at = from; at < to; at += 10_000) store.add(frame(at));
}
const timesOf = (store: FrameStore, from: number, to: number) =>
  [...store.between(from, to)].flat().map(({ at }) => at);
const every10s = (from: number, to: number) =>
  Array.from({ length: (to - from) / 10_000 }, (_, n) => from + n * 10_000);

describe('frames', () => {
  test('are found by a time up to 60 s later, in memory and on disk', () => {
    const store = open();
    fill(store, START, START + 5 * MINUTE_MS);
    const last = START + 5 * MINUTE_MS - 10_000;
    expect(store.at(START - 1)).toBeUndefined();
    expect(store.at(START + 70_000)).toEqual(frame(START + 70_000));
    expect(store.at(START + 79_999)).toEqual(frame(START + 70_000));
    expect(store.at(last + 60_000)).toEqual(frame(last));
    expect(store.at(last + 60_001)).toBeUndefined();
  });

  test('of the minute that runs are lost with the process, no others', () => {
    fill(open(), START, START + 150_000);
    expect(timesOf(open(), START, START + HOUR_MS)).toEqual(every10s(START, START + 2 * MINUTE_MS));
  });

  test('of an hour become one row when the next one begins, also after a restart', () => {
    fill(open(), START, START + 30 * MINUTE_MS);
    expect(rows()).toBe(29);
    const store = open();
    fill(store, START + 30 * MINUTE_MS, START + HOUR_MS + 2 * MINUTE_MS);
    store.seal();
    expect(rows()).toBe(3);
    expect(timesOf(store, START, START + 29 * MINUTE_MS)).toEqual(every10s(START, START + 29 * MINUTE_MS));
    expect(store.at(START + HOUR_MS - 1)).toEqual(frame(START + HOUR_MS - 10_000));
    expect(store.at(START + HOUR_MS + 5000)).toEqual(frame(START + HOUR_MS));
  });

  test('of a range come row by row, with those in memory at the end', () => {
    const store = open();
    fill(store, START, START + 2 * HOUR_MS + 30_000);
    const from = START + 15_000;
    const to = START + 2 * HOUR_MS + 20_000;
    expect(timesOf(store, from, to)).toEqual(every10s(START + 20_000, to));
    const parts = store.between(from, to);
    expect(parts.next().value?.length).toBeLessThanOrEqual(360);
  });

  test('go on when the clock is set back, and the later one of the same time counts', () => {
    const store = open();
    fill(store, START, START + 3 * MINUTE_MS);
    store.seal();
    store.add(frame(START, 'caddy'));
    store.add(frame(START + 5000, 'caddy'));
    store.seal();
    expect(store.at(START)?.processes[0]?.name).toBe('caddy');
    expect(store.at(START + 9000)?.at).toBe(START + 5000);
    fill(store, START + HOUR_MS, START + HOUR_MS + 10_000);
    store.seal();
    expect(rows()).toBe(2);
    expect(timesOf(store, START, START + HOUR_MS)).toEqual(
      [...every10s(START, START + 3 * MINUTE_MS), START + 5000].sort((a, b) => a - b),
    );
  });

  test('that cannot be read are removed and reported; the others stay', () => {
    fill(open(), START, START + 5 * MINUTE_MS);
    db.exec(`UPDATE frames SET blob = x'0102030405' WHERE from_ms = ${START + MINUTE_MS}`);
    const store = open();
    expect(store.at(START + MINUTE_MS + 30_000)?.at).toBe(START + 50_000);
    expect(store.at(START + 2 * MINUTE_MS)).toEqual(frame(START + 2 * MINUTE_MS));
    expect(corrupt).toHaveLength(1);
    expect(rows()).toBe(3);
    fill(store, START + HOUR_MS, START + HOUR_MS + 10_000);
    store.seal();
    expect(rows()).toBe(2);
  });

  test('that cannot be written stay in memory, and are written later', () => {
    const store = open();
    fill(store, START, START + MINUTE_MS);
    db.exec('PRAGMA query_only = 1');
    expect(() => {
      store.add(frame(START + MINUTE_MS));
    }).toThrow();
    expect(store.at(START + MINUTE_MS)).toEqual(frame(START + MINUTE_MS));
    db.exec('PRAGMA query_only = 0');
    store.add(frame(START + MINUTE_MS + 10_000));
    expect(timesOf(open(), START, START + HOUR_MS)).toEqual(every10s(START, START + MINUTE_MS + 10_000));
  });

  test('are deleted in steps when they are old', () => {
    const store = open();
    for (let hour = 0; hour < 100; hour += 1) store.add(frame(START + hour * HOUR_MS));
    store.seal();
    const before = START + 70 * HOUR_MS;
    expect(store.prune(before)).toBe(true);
    expect(rows()).toBe(36);
    expect(store.prune(before)).toBe(false);
    expect(rows()).toBe(30);
  });
});
