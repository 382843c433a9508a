/** The history as a part of the agent, with its real thread and a real journal. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { systemClock } from '../../src/core/clock.ts';
import type { HistoryAccess } from '../../src/history/access.ts';
import { HISTORY_CURSOR } from '../../src/history/feed.ts';
import { HistoryPart, type HistorySection } from '../../src/history/part.ts';
import { HistoryReader } from '../../src/history/reader.ts';
import { HOUR_MS, startOf } from '../../src/history/spans.ts';
import { openHost } from '../../src/host/machine.ts';
import { createProgramRunner } from '../../src/host/run-program.ts';
import { loadDriver } from '../../src/host/sqlite/driver.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJournal } from '../../src/journal/part.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { waitFor } from '../support/servers/real-server.ts';

const ROOT = join(import.meta.dirname, '../..');
const SETTINGS = { raw: 14 * 24 * HOUR_MS, minutes: 400 * 24 * HOUR_MS, max_bytes: 2 ** 30 };
const JOURNAL = { buffer: 'disk', sync: 'none', max_bytes: 1e8, max_age: 1e9, keep: 0, memory_bytes: 1e8 } as const;
const LATE = AbortSignal.timeout(600_000);

const bundles = mkdtempSync(join(tmpdir(), 'healthd-history-thread-'));
const program = pathToFileURL(join(bundles, 'history-thread.mjs'));

/** A thread cannot run TypeScript, so its program is bundled as it is in the package. */
beforeAll(() => {
  const banner = "import{createRequire as r}from'node:module';const require=r(import.meta.url);";
  const options = ['--bundle', '--platform=node', '--format=esm', `--outfile=${program.pathname}`, '--external:libsql'];
  const esbuild = join(ROOT, 'node_modules/.bin/esbuild');
  execFileSync(esbuild, ['src/history-thread.ts', ...options, `--banner:js=${banner}`, '--log-level=error'], {
    cwd: ROOT,
  });
  // What the bundle leaves out is found from its folder.
  writeFileSync(join(bundles, 'package.json'), '{}');
  execFileSync('ln', ['-s', join(ROOT, 'node_modules'), join(bundles, 'node_modules')]);
});
afterAll(() => {
  rmSync(bundles, { recursive: true });
});

let folder: string;
let log = recordingLog();
let running: { journal: Journal; part: HistoryPart } | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-history-part-'));
  log = recordingLog();
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

async function start(section: Partial<HistorySection> = {}, thread = program) {
  await stop();
  const settings = { ...JOURNAL, ...section.journal, sync: 'none' as const, keep: 0, memory_bytes: 1e8 };
  const journal = await openJournal({ settings, stateDirectory: folder }, systemClock, log);
  const part = new HistoryPart({
    journal: () => journal,
    program: thread,
    clock: systemClock,
    random: () => 0,
    log,
    host: openHost({ environment: {}, hostname: 'here' }),
    run: createProgramRunner(systemClock),
    version: '1.2.3',
    openProcesses: () => ({ captureInSlices: () => Promise.resolve(FRAME), close: () => undefined }),
    onAlertEvent: () => () => undefined,
  });
  running = { journal, part };
  const prepared = await part.prepare({
    settings: SETTINGS,
    stateDirectory: folder,
    ownName: 'here',
    journal: JOURNAL,
    ...section,
  });
  await prepared.use();
  return running;
}

async function stop(): Promise<void> {
  await running?.part.stop(LATE);
  await running?.journal.close();
  running = undefined;
}

/** `count` samples, one for each second up to the end of the last hour that is over. */
const END = startOf(Date.now(), HOUR_MS) - HOUR_MS;
function append(from: number, count: number): void {
  for (let index = from; index < from + count; index += 1) {
    const time = `${END + (index - 3000) * 1000}000000`;
    running!.journal.append(Buffer.from(`load,host=here,run=a value=${index}i ${time}\n`), 1);
    running!.part.notify();
  }
}

const FRAME = { at: Date.now(), total: 1, processes: [] };
const SET = { host: '', name: 'load', tags: { run: 'a' } };

async function values(access: HistoryAccess | undefined): Promise<readonly number[]> {
  const range = { from: END - HOUR_MS, to: END, step: 1000 };
  const { values: answer } = await access!.query([{ set: SET, field: 'value' }], ['last'], range);
  return [...answer[0]![0]!].filter((value) => !Number.isNaN(value));
}

const until = (what: string, isSo: () => Promise<boolean>) =>
  waitFor(() => isSo().catch(() => false), { timeout: 60_000, interval: 50, what });
const untilValues = (count: number) =>
  until(`${count} values`, async () => (await values(running!.part.access)).length === count);
const said = (level: string) => log.lines.filter((line) => line.startsWith(level));
const counted = (count: number) => Array.from({ length: count }, (_, index) => index);

test('what is appended is answered; what is only in memory survives a restart in the journal', async () => {
  await start();
  append(0, 1000);
  await untilValues(1000);
  expect(await running!.part.access!.sets()).toMatchObject([{ set: SET, fields: [{ name: 'value', type: 'int' }] }]);

  await start();
  append(1000, 500);
  await untilValues(1500);
  expect(await values(running!.part.access)).toEqual(counted(1500));
  expect(said('warn')).toEqual([]);
});

test('hours that are over are stored, and the journal need not keep them', async () => {
  await start();
  append(0, 100);
  await untilValues(100);
  await until('the cursor', () => Promise.resolve(running!.journal.reader(HISTORY_CURSOR).pendingLines === 0));
  await start();
  expect(running!.journal.reader(HISTORY_CURSOR).pendingLines).toBe(0);
  await untilValues(100);
});

test('a journal that is nearly full makes it store early', async () => {
  await start({ journal: { ...JOURNAL, max_bytes: 4000 } });
  // Of the hour to come: not over for long.
  const time = Date.now();
  for (let index = 0; index < 400; index += 1)
    running!.journal.append(Buffer.from(`noise v="${Math.random()}" ${time + index}000000\n`), 1);
  running!.part.notify();
  await until('the cursor', () => Promise.resolve(running!.journal.reader(HISTORY_CURSOR).pendingLines === 0));
});

test('with a journal in memory a stop stores everything', async () => {
  const journal = { ...JOURNAL, buffer: 'memory' as const };
  await start({ journal });
  append(0, 300);
  await untilValues(300);
  append(300, 100);
  await start({ journal });
  await untilValues(400);
});

describe('a thread that dies', () => {
  test('is started again with one message, and nothing is missing', async () => {
    // Dies after it has taken some lines, once.
    const marker = join(folder, 'died');
    const dying = join(bundles, 'dying.mjs');
    writeFileSync(
      dying,
      `import { existsSync, writeFileSync } from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       if (!existsSync(${JSON.stringify(marker)}))
         parentPort.on('message', ({ call }) => {
           if (call !== 'query') return;
           writeFileSync(${JSON.stringify(marker)}, '');
           throw new Error('planned');
         });
       await import('./history-thread.mjs');`,
    );
    await start({}, pathToFileURL(dying));
    append(0, 200);
    await untilValues(200);
    append(200, 100);
    await untilValues(300);
    expect(await values(running!.part.access)).toEqual(counted(300));
    expect(said('warn')).toEqual(['warn: The history has stopped and will be started again: planned']);
  });
});

describe('the file', () => {
  test('of a newer version is left alone, with a message, and the journal keeps nothing for it', async () => {
    const path = join(folder, 'history.db');
    const db = new (loadDriver())(path);
    db.exec('CREATE TABLE future (x); PRAGMA user_version = 999');
    db.close();
    const before = readFileSync(path);
    const { part, journal } = await start();
    await until('the message', () => Promise.resolve(part.access === undefined));
    expect(said('error')).toEqual([
      expect.stringMatching(
        /^error: There is no history: \S+history\.db cannot be used: it was written by a newer healthd/,
      ),
    ]);
    expect(readFileSync(path)).toEqual(before);
    expect(journal.status.idle).toEqual([]);
  });

  test('full of zeroes is set aside, and a new one begun', async () => {
    writeFileSync(join(folder, 'history.db'), Buffer.alloc(100_000));
    await start();
    append(0, 10);
    await untilValues(10);
    expect(readdirSync(folder).some((name) => name.startsWith('history.db.damaged-'))).toBe(true);
    expect(said('warn')).toHaveLength(1);
  });
});

test('frames of processes and events are kept over a restart', async () => {
  await start();
  await until('a frame', async () => (await running!.part.access!.processesAt(FRAME.at + 1000)) !== undefined);
  running!.part.access!.addEvent({ at: FRAME.at, kind: 'oom', level: 'critical', title: 'mysqld was killed' });
  await start();
  await until('the thread', async () => (await running!.part.access!.events(0, 1e15, 10)).length >= 4);
  const events = await running!.part.access!.events(0, 1e15, 10);
  expect(events.map(({ title }) => title).sort()).toEqual([
    'healthd 1.2.3 started',
    'healthd 1.2.3 started',
    'healthd stopped',
    'mysqld was killed',
  ]);
  expect(await running!.part.access!.processesAt(FRAME.at + 1000)).toMatchObject({ at: FRAME.at });
});

test('turned off, it keeps its file and no lines', async () => {
  const { part, journal } = await start();
  append(0, 10);
  await untilValues(10);
  const off = await part.prepare({ settings: false, stateDirectory: folder, ownName: 'here', journal: JOURNAL });
  await off.use();
  expect(part.access).toBeUndefined();
  expect(journal.status.idle).toEqual([]);
  expect(readdirSync(folder)).toContain('history.db');
});

test('a flush brings what was gathered to the files: to the journal, or to the history if the journal is in memory', async () => {
  for (const buffer of ['disk', 'memory'] as const) {
    rmSync(folder, { recursive: true });
    await start({ journal: { ...JOURNAL, buffer } });
    await until('it to work', async () => (await running!.part.access!.sets()).length >= 0);
    append(0, 100);
    await running!.part.access!.flush();
    const reader = await HistoryReader.open({ stateDirectory: folder, onCorrupt: () => undefined });
    const rows = [...reader.samples(() => true, { from: 0, to: 8e15 })].map(({ samples }) => samples.times.length);
    reader.close();
    expect([buffer, rows.reduce((sum, count) => sum + count, 0)]).toEqual([buffer, 100]);
    await stop();
  }
});
