/** What keeps the history within its bounds, and what belongs to a host. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { atOnce } from '../../src/core/turns.ts';
import { History, type HistoryOptions } from '../../src/history/history.ts';
import { DAY_MS, HOUR_MS, startOf } from '../../src/history/spans.ts';
import { HistoryService } from '../../src/history/worker/service.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog } from '../support/kit/recording-log.ts';

const START = 20_000 * DAY_MS;
const RETENTION = { raw: 14 * DAY_MS, minutes: 400 * DAY_MS, maxBytes: 2 ** 30 };

let folder: string;
let clock = manualClock(START);
let log = recordingLog();
let history: History | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-history-bounds-'));
  clock = manualClock(START);
  log = recordingLog();
});
afterEach(() => {
  history?.close();
  history = undefined;
  rmSync(folder, { recursive: true });
});

function open(options: Partial<HistoryOptions> = {}): History {
  history?.close();
  history = new History({ path: join(folder, 'history.db'), clock, log, ...options });
  return history;
}

function add(name: string, time = START, host = ''): number | undefined {
  return history!.add({ name, tags: {}, fields: { busy: 1 }, time: BigInt(time) * 1_000_000n }, host);
}

function pruneAll(): void {
  while (atOnce(history!.rollUp(startOf(clock.now(), HOUR_MS))));
  for (let steps = 0; history!.prune(); steps += 1) if (steps > 10_000) throw new Error('it does not end');
}

const names = () => history!.read((view) => view.sets()).map(({ set }) => `${set.host}${set.name}`);

describe('a file that is too large', () => {
  const frame = (at: number) => ({
    at,
    total: 100,
    processes: Array.from({ length: 40 }, (_, index) => ({
      pid: index + 1,
      name: `program-${Math.round(at / 10_000) * 7919 + index}`,
      user: 'root',
      unit: `unit-${(at / 1000 + index) % 977}`,
      cpu: index,
      memory: (at % 1e6) * index,
      read: index,
      written: at % 1000,
    })),
  });

  test('loses the oldest frames of processes, and nothing newer', () => {
    open();
    for (let at = START; at < START + 6 * HOUR_MS; at += 10_000) history!.addFrame(frame(at));
    add('cpu', START + 5 * HOUR_MS);
    atOnce(history!.seal());
    const half = Math.round(history!.bytes / 2);
    open({ retention: () => ({ ...RETENTION, maxBytes: half }) });
    pruneAll();
    expect(history!.bytes).toBeLessThanOrEqual(half);
    expect(history!.processesAt(START + 30_000)).toBeUndefined();
    expect(history!.processesAt(START + 5 * HOUR_MS + 30_000)).toBeDefined();
    expect(names()).toEqual(['cpu']);
  });

  test('loses the oldest events when no samples are left, and then nothing more', () => {
    open();
    const event = (at: number) => ({ at, kind: 'agent', level: 'info', title: `${at} ${'x'.repeat(250)}` }) as const;
    const days = Array.from({ length: 20 }, (_, day) => START + day * DAY_MS);
    history!.addEvents(days.flatMap((day) => Array.from({ length: 50 }, (_, n) => event(day + n))));
    const half = Math.round(history!.bytes / 2);
    open({ retention: () => ({ ...RETENTION, maxBytes: half }) });
    pruneAll();
    expect(history!.bytes).toBeLessThanOrEqual(half);
    const left = history!.events(0, START + 30 * DAY_MS, 10_000);
    expect(left.length).toBeGreaterThan(100);
    expect(left[0]!.at).toBe(START + 19 * DAY_MS + 49);
    open({ retention: () => ({ ...RETENTION, maxBytes: 1 }) });
    pruneAll();
    expect(history!.events(0, START + 30 * DAY_MS, 10)).toEqual([]);
  });
});

describe('a set of series', () => {
  const LIMITS = { perHost: 2, inAll: 2 };

  test('whose data has expired frees its place', () => {
    open({ limits: LIMITS, retention: () => ({ ...RETENTION, raw: HOUR_MS, minutes: DAY_MS }) });
    for (const name of ['a', 'b', 'c']) add(name);
    atOnce(history!.seal());
    expect([names(), history!.refused]).toEqual([['a', 'b'], 1]);
    pruneAll();
    clock.advance(DAY_MS);
    add('b', START + DAY_MS);
    clock.advance(3 * DAY_MS);
    pruneAll();
    // What is in memory keeps its place.
    const now = START + 4 * DAY_MS;
    expect([add('c', now), history!.setCount]).toEqual([now, 2]);
    expect(add('d', now)).toBeUndefined();
    expect(log.lines.filter((line) => line.includes('Too many series'))).toHaveLength(2);
  });

  test('of which nothing was kept frees its place', () => {
    open({ limits: LIMITS });
    const text = 'x'.repeat(1000);
    for (const name of ['long', 'longer'])
      history!.add({ name, tags: {}, fields: { text }, time: BigInt(START) * 1_000_000n }, '');
    expect(add('cpu')).toBeUndefined();
    history!.prune();
    expect(add('cpu')).toBe(START);
  });
});

describe('a host', () => {
  test('keeps its history when it gets another name', () => {
    open();
    add('cpu', START, 'id-1');
    atOnce(history!.seal());
    history!.nameHost('id-1', 'web1');
    history!.nameHost('id-1', 'web2');
    history!.ownName = 'here';
    add('cpu', START + HOUR_MS, 'id-1');
    add('mem', START);
    atOnce(history!.seal());
    expect(history!.hosts()).toEqual([
      { id: '', name: 'here' },
      { id: 'id-1', name: 'web2' },
    ]);
    const set = { host: 'id-1', name: 'cpu', tags: {} };
    const query = { field: 'busy', from: START, to: START + 2 * HOUR_MS, step: HOUR_MS, functions: ['last'] } as const;
    expect(history!.read((view) => view.query(set, query)).values).toEqual([Float64Array.of(1, 1)]);
    open();
    expect(history!.hosts()).toContainEqual({ id: 'id-1', name: 'web2' });
  });

  test('is found by the tag of its lines, under whatever name; the name of the agent itself is not taken from it', () => {
    open();
    history!.ownName = 'here';
    const take = (name: string, host: string) =>
      history!.add({ name, tags: { host }, fields: { busy: 1 }, time: BigInt(START) * 1_000_000n });
    history!.nameHost('id-1', 'web1');
    take('cpu', 'web1');
    history!.nameHost('id-1', 'web2');
    take('mem', 'web2');
    take('disk', 'web1');
    history!.nameHost('id-2', 'here');
    take('net', 'here');
    expect(history!.read((view) => view.sets()).map(({ set }) => set)).toEqual([
      { host: 'id-1', name: 'cpu', tags: {} },
      { host: 'id-1', name: 'mem', tags: {} },
      { host: '', name: 'disk', tags: { host: 'web1' } },
      { host: '', name: 'net', tags: {} },
    ]);
  });

  test('is forgotten with all it has, stored, in memory and being stored; others stay', async () => {
    const time = (hour: number) => (START + hour * HOUR_MS) * 1e6;
    const data = {
      path: join(folder, 'history.db'),
      boot: { number: 0, at: undefined },
      retention: RETENTION,
      ownName: 'here',
      sealWithin: Infinity,
    };
    const service = new HistoryService({ data, clock, log, onSealed: () => undefined });
    const lines = Array.from({ length: 200 }, (_, n) => `m${n},host=here v=1i ${time(n % 3)}\n`).join('');
    await service.add({ lines: Buffer.from(lines), start: 0, end: 200 });
    await service.nameHost('id-1', 'web1');
    const sealed = service.seal();
    const forgotten = service.forgetHost('');
    await Promise.all([sealed, forgotten]);
    expect(await service.sets()).toEqual([]);
    expect(await service.hosts()).toEqual([{ id: 'id-1', name: 'web1' }]);
    expect(await service.status()).toMatchObject({ sets: 0, headBytes: 0 });
    await service.forgetHost('id-1');
    expect(await service.hosts()).toEqual([]);
    await service.close();
  });
});
