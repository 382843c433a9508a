/** The history read from its files, and copies of it: real databases and journals, no agent. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { systemClock } from '../../src/core/clock.ts';
import { atOnce } from '../../src/core/turns.ts';
import { backUp, restore } from '../../src/history/copy.ts';
import { HISTORY_CURSOR } from '../../src/history/feed.ts';
import { History } from '../../src/history/history.ts';
import { historyPath } from '../../src/history/path.ts';
import { HistoryReader, metricsOf } from '../../src/history/reader.ts';
import { DAY_MS, HOUR_MS } from '../../src/history/spans.ts';
import { loadDriver } from '../../src/host/sqlite/driver.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJournal } from '../../src/journal/part.ts';
import { encodeLines, parseLines } from '../../src/metric/line-protocol.ts';
import { manualClock, silentLog } from '../../src/testing.ts';

const START = 20_000 * DAY_MS;
const JOURNAL = { buffer: 'disk', sync: 'none', max_bytes: 1e8, max_age: 1e12, keep: 0, memory_bytes: 1e8 } as const;
const ALL = { from: 0, to: 8e15 };

let folder: string;
let damage: string[];
let reader: HistoryReader | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-history-reader-'));
  damage = [];
});
afterEach(() => {
  closeReader();
  rmSync(folder, { recursive: true });
});

const line = (at: number, value: string, tags = 'host=here,run=a') => `load,${tags} ${value} ${at}000000\n`;

/** Stores lines as an agent does that has stored everything. */
function store(...lines: readonly string[]): void {
  const history = new History({ path: historyPath(folder), clock: manualClock(START), log: silentLog });
  history.ownName = 'here';
  for (const metric of parseLines(Buffer.from(lines.join(''))).metrics) history.add(metric);
  atOnce(history.seal());
  history.close();
}

/** Leaves lines after the cursor of the history, as kill -9 does. */
async function leave(before: readonly string[], after: readonly string[]): Promise<void> {
  const journal = await openJournal({ settings: JOURNAL, stateDirectory: folder }, systemClock, silentLog);
  const cursor = journal.reader(HISTORY_CURSOR);
  append(journal, before);
  const batch = await cursor.readOn({ lines: 1e6, bytes: 1e9 });
  await cursor.acknowledgeAll(batch?.end ?? 0);
  append(journal, after);
  await journal.flush();
  await journal.close();
}

function append(journal: Journal, lines: readonly string[]): void {
  for (const each of lines) journal.append(Buffer.from(each), 1);
}

async function open(): Promise<HistoryReader> {
  closeReader();
  reader = await HistoryReader.open({ stateDirectory: folder, onCorrupt: ({ message }) => damage.push(message) });
  return reader;
}

function closeReader(): void {
  reader?.close();
  reader = undefined;
}

const linesOf = (from: HistoryReader, range = ALL) =>
  Buffer.from(encodeLines([...from.samples(() => true, range)].flatMap((hour) => [...metricsOf(hour)]))).toString();

test('gives what is stored and what is only in the journal, hour by hour, as it was collected', async () => {
  store(line(START, 'v=1i,ok=true,f=0.1'), line(START + 2 * HOUR_MS, 'v=2i,s="text"'));
  await leave([line(START, 'v=9i')], [line(START + HOUR_MS, 'v=3i'), line(START + 2 * HOUR_MS, 'v=4i')]);
  expect(linesOf(await open())).toBe(
    [
      line(START, 'v=1i,ok=true,f=0.1'),
      line(START + HOUR_MS, 'v=3i'),
      // The last write wins.
      line(START + 2 * HOUR_MS, 'v=4i,s="text"'),
    ].join(''),
  );
  const [series] = reader!.sets();
  expect(series).toMatchObject({ set: { name: 'load', tags: { run: 'a' } }, lastAt: START + 2 * HOUR_MS });
});

test('gives a range to the millisecond, of the wanted series and fields', async () => {
  store(...[0, 1, 2, 3].map((n) => line(START + n, `v=${n}i,w=${n}i`)), line(START + 1, 'v=7i', 'host=here,run=b'));
  const from = await open();
  const hours = from.samples(
    ({ tags }) => tags['run'] === 'a',
    { from: START + 1, to: START + 3 },
    (_, field) => field === 'w',
  );
  expect([...hours].flatMap((hour) => [...metricsOf(hour)]).map(({ fields }) => fields)).toEqual([
    { w: 1n },
    { w: 2n },
  ]);
});

test('of another host, has the tag of its own or its name', async () => {
  store(line(START, 'v=1i'), line(START, 'v=2i', 'host=there'));
  const history = new History({ path: historyPath(folder), clock: manualClock(START), log: silentLog });
  history.add({ name: 'load', tags: {}, fields: { v: 3n }, time: BigInt(START) * 1_000_000n }, 'id-7');
  history.nameHost('id-7', 'db1');
  atOnce(history.seal());
  history.close();
  expect(
    linesOf(await open())
      .trim()
      .split('\n')
      .sort(),
  ).toEqual([
    `load,host=db1 v=3i ${START}000000`,
    `load,host=here,run=a v=1i ${START}000000`,
    `load,host=there v=2i ${START}000000`,
  ]);
});

test('leaves out a damaged block and says so', async () => {
  store(line(START, 'v=1i'), line(START + HOUR_MS, 'v=2i'));
  const Database = loadDriver();
  const db = new Database(historyPath(folder));
  db.exec(`UPDATE blocks SET blob = zeroblob(40) WHERE level = 0 AND from_ms = ${START}`);
  db.close();
  expect(linesOf(await open())).toBe(line(START + HOUR_MS, 'v=2i'));
  expect(damage).toHaveLength(1);
});

test('writes nothing, and says what is missing or of another version', async () => {
  await expect(open()).rejects.toThrow(
    /There is no history in .*: the agent keeps it in .*history\.db once it has run/,
  );
  store(line(START, 'v=1i'));
  const before = readFileSync(historyPath(folder));
  linesOf(await open());
  closeReader();
  expect(readFileSync(historyPath(folder)).equals(before)).toBe(true);
  const Database = loadDriver();
  const db = new Database(historyPath(folder));
  db.exec('PRAGMA user_version = 99');
  db.close();
  await expect(open()).rejects.toThrow('it was written by a newer healthd (version 99)');
  const again = new Database(historyPath(folder));
  again.exec('PRAGMA user_version = 1');
  again.close();
  await expect(open()).rejects.toThrow(/an older healthd \(version 1\); start the agent once/);
});

describe('a copy', () => {
  const copy = () => join(folder, 'copy.db');

  test('has everything, is private and one file; nothing is overwritten', async () => {
    store(line(START, 'v=1i'));
    await leave([], [line(START + 1, 'v=2i'), line(START + HOUR_MS, 'v=3i')]);
    const from = await open();
    const all = linesOf(from);
    expect(backUp(folder, from, copy())).toBe(statSync(copy()).size);
    expect(statSync(copy()).mode & 0o777).toBe(0o600);
    expect(() => backUp(folder, from, copy())).toThrow(`${copy()} exists; choose another file`);
    expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);

    const other = mkdtempSync(join(tmpdir(), 'healthd-history-copy-'));
    try {
      copyFileSync(copy(), historyPath(other));
      const copied = await HistoryReader.open({
        stateDirectory: other,
        onCorrupt: ({ message }) => damage.push(message),
      });
      expect(linesOf(copied)).toBe(all);
      copied.close();
    } finally {
      rmSync(other, { recursive: true });
    }
    expect(() => backUp(folder, from, join(folder, 'missing/copy.db'))).toThrow('cannot be written: the folder');
  });

  test('is put in the place of the history, which is kept', async () => {
    store(line(START, 'v=1i'));
    backUp(folder, await open(), copy());
    closeReader();
    store(line(START + HOUR_MS, 'v=2i'));
    const aside = restore(folder, copy(), START)!;
    expect(linesOf(await open())).toBe(line(START, 'v=1i'));
    expect(aside).toMatch(/history\.db\.before-restore-/);
    expect(existsSync(aside)).toBe(true);
    expect(statSync(historyPath(folder)).mode & 0o777).toBe(0o640);
    closeReader();
    rmSync(historyPath(folder));
    expect(restore(folder, copy(), START)).toBeUndefined();
    expect(linesOf(await open())).toBe(line(START, 'v=1i'));
  });

  test.each([
    [
      'text',
      'is not a history of healthd',
      () => {
        writeFileSync(copy(), 'no database '.repeat(100));
      },
    ],
    [
      'nothing',
      'is not a history of healthd',
      () => {
        writeFileSync(copy(), '');
      },
    ],
    [
      'another database',
      'is not a history of healthd',
      () => {
        execOn(copy(), 'CREATE TABLE t (a)');
      },
    ],
    [
      'a newer version',
      'written by a newer healthd',
      () => {
        execOn(copy(), 'PRAGMA user_version = 99');
      },
    ],
    [
      'a damaged file',
      /damaged|malformed|not a history/,
      () => {
        overwriteMiddle(copy());
      },
    ],
    [
      'no file',
      'does not exist',
      () => {
        rmSync(copy());
      },
    ],
  ])('that is %s is refused, and nothing changes', async (what, message, spoil) => {
    store(
      line(START, 'v=1i'),
      ...Array.from({ length: 300 }, (_, n) => line(START + n, `v=${n}i,f=0.${n}`, `run=${n}`)),
    );
    if (what === 'another database') mkdirSync(join(folder, 'x'));
    else backUp(folder, await open(), copy());
    closeReader();
    spoil();
    const before = readdirSync(folder).sort();
    const bytes = readFileSync(historyPath(folder));
    expect(() => restore(folder, copy(), START)).toThrow(message);
    expect(readdirSync(folder).sort()).toEqual(before);
    expect(readFileSync(historyPath(folder)).equals(bytes)).toBe(true);
  });
});

function execOn(path: string, sql: string): void {
  const Database = loadDriver();
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

/** Pages of the tables, after the header. */
function overwriteMiddle(path: string): void {
  const bytes = readFileSync(path);
  bytes.fill(0x5a, 1024, 1024 * 12);
  writeFileSync(path, bytes);
}
