import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { HistoryEvent } from '../../../src/history/access.ts';
import { EventStore } from '../../../src/history/events/event-store.ts';
import { migrate } from '../../../src/history/store/schema.ts';
import { loadDriver, type Sqlite } from '../../../src/host/sqlite/driver.ts';

let db: Sqlite;
beforeEach(() => {
  const Database = loadDriver();
  db = new Database(':memory:');
  migrate(db);
});
afterEach(() => {
  db.close();
});

const event = (at: number, title: string, more: Partial<HistoryEvent> = {}): HistoryEvent => ({
  at,
  kind: 'agent',
  level: 'info',
  title,
  ...more,
});
const titles = (store: EventStore, from: number, to: number, limit = 100) =>
  store.list(from, to, limit).map(({ title }) => title);

describe('events', () => {
  test('are listed newest first, at most so many', () => {
    const store = new EventStore(db);
    for (const at of [10, 30, 20, 40]) store.add(event(at, `at ${at}`));
    expect(titles(store, 10, 40)).toEqual(['at 30', 'at 20', 'at 10']);
    expect(titles(store, 0, 100, 2)).toEqual(['at 40', 'at 30']);
    expect(store.list(40, 41, 1)).toEqual([event(40, 'at 40')]);
  });

  test('of an alert are one, from its start to its end', () => {
    const store = new EventStore(db);
    const alert = { kind: 'alert', alert: 'f1' } as const;
    store.add(event(10, 'CPU 91 %', { ...alert, level: 'warning' }));
    expect(titles(store, 500, 600)).toEqual(['CPU 91 %']);
    store.add(event(10, 'CPU 99 %', { ...alert, level: 'critical' }));
    store.add(event(10, 'CPU 1 %', { ...alert, level: 'info', until: 50 }));
    store.add(event(10, 'Disk 99 %', { kind: 'alert', alert: 'f2', until: 20 }));
    expect(titles(store, 500, 600)).toEqual([]);
    expect(store.list(50, 60, 10)).toEqual([event(10, 'CPU 99 %', { ...alert, level: 'critical', until: 50 })]);
  });

  test('that began before a range are in it if they end in it; moments are not', () => {
    const store = new EventStore(db);
    store.add(event(10, 'a moment'));
    store.add(event(10, 'a gap', { kind: 'gap', until: 30 }));
    expect(titles(store, 20, 40)).toEqual(['a gap']);
  });

  test('are bounded in number and size; the newest stay', () => {
    const store = new EventStore(db, 50);
    for (let at = 0; at < 500; at += 1) store.add(event(at, `${at} ${'x\n'.repeat(400)}`));
    const all = store.list(0, 1000, 1000);
    expect(all.length).toBeLessThanOrEqual(150);
    expect(all.length).toBeGreaterThanOrEqual(50);
    expect(all[0]?.at).toBe(499);
    expect(Math.max(...all.map(({ title }) => title.length))).toBeLessThanOrEqual(300);
    expect(all[0]?.title).not.toContain('\n');
  });

  test('are deleted in steps when they are old', () => {
    const store = new EventStore(db);
    for (let at = 0; at < 1500; at += 1) store.add(event(at, 'x'));
    expect(store.prune(1400)).toBe(true);
    expect(store.prune(1400)).toBe(false);
    expect(store.list(0, 2000, 2000)).toHaveLength(100);
  });

  test('of any text are only text', () => {
    const store = new EventStore(db);
    store.add(event(1, `'; DROP TABLE events; --`, { kind: 'alert', alert: `x' OR 1=1` }));
    expect(store.list(0, 2, 10)).toEqual([event(1, `'; DROP TABLE events; --`, { kind: 'alert', alert: `x' OR 1=1` })]);
  });
});
