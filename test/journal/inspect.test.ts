import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { CursorFile } from '../../src/journal/cursor-file.ts';
import { cursorPath } from '../../src/journal/cursor-files.ts';
import { inspectJournal, JournalScan, type CursorView } from '../../src/journal/inspect.ts';
import { LineJournal } from '../../src/journal/line-journal.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLog } from '../../src/testing.ts';
import { tempFolder } from '../config/temp-folder.ts';

const LIMITS = { lines: 10, bytes: 1e6 };

async function openJournal(directory: string, maxBytes = 1e8): Promise<LineJournal> {
  const disk = { directory, sync: 'none', maxBytes, maxAge: 1e9, keep: 1e9 } as const;
  return LineJournal.open({ memoryBytes: 1e8, disk, clock: systemClock, log: silentLog });
}

/** Appends so many records of ten lines. */
async function appendGroups(journal: LineJournal, count: number, text = 'a'): Promise<void> {
  for (let group = 0; group < count; group += 1) {
    journal.append(Buffer.from(Array.from({ length: 10 }, (_, i) => `m s="${text}",i=${i}i 1\n`).join('')), 10);
    journal.seal();
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}

async function cursorsOf(directory: string): Promise<Readonly<Record<string, CursorView>>> {
  const view = await inspectJournal(directory);
  return Object.fromEntries((view?.cursors ?? []).map((cursor) => [cursor.name, cursor]));
}

async function linesIn(directory: string) {
  const scan = await JournalScan.open(directory);
  let size = 0;
  for await (const group of scan.groups()) size += group.size;
  return { size, missing: scan.missingLines };
}

function snapshot(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => `${name} ${statSync(join(directory, name)).mtimeMs}`)
    .sort();
}

test('a missing directory is not a journal, and is not created', async () => {
  const folder = tempFolder();
  expect(await inspectJournal(join(folder, 'journal'))).toBeUndefined();
  expect(await linesIn(join(folder, 'journal'))).toEqual({ size: 0, missing: 0 });
  expect(readdirSync(folder)).toEqual([]);
});

test('reports the lag of each cursor in lines and bytes, while the journal is open, without changing anything', async () => {
  const directory = tempFolder();
  const journal = await openJournal(directory);
  const [fast, slow] = [journal.reader('fast'), journal.reader('slow')];
  await appendGroups(journal, 20);
  for (let next = await fast.peek(LIMITS); next !== undefined; next = await fast.peek(LIMITS))
    await fast.acknowledge(next.end);
  await slow.acknowledge((await slow.peek(LIMITS))!.end);

  const before = snapshot(directory);
  const view = await inspectJournal(directory);
  expect(snapshot(directory)).toEqual(before);
  expect(view).toMatchObject({ holder: String(process.pid), segments: 1, otherVersions: [] });
  const { fast: done, slow: behind } = await cursorsOf(directory);
  expect(done).toMatchObject({ lag: { lines: 0, bytes: 0, oldest: undefined }, backlogLines: 0 });
  expect(behind?.lag.lines).toBe(190);
  expect(behind?.lag.bytes).toBe((view!.bytes / 20) * 19);
  expect(behind?.lag.oldest).toBeGreaterThanOrEqual(view!.oldest!);
  await journal.close();
  expect((await inspectJournal(directory))?.holder).toBeUndefined();
});

test('a backlog counts as unsent, even if later lines were sent', async () => {
  const directory = tempFolder();
  const journal = await openJournal(directory);
  const reader = journal.reader('out');
  await appendGroups(journal, 5);
  reader.putOff();
  await appendGroups(journal, 5);
  for (let next = await reader.peek(LIMITS); next !== undefined; next = await reader.peek(LIMITS))
    await reader.acknowledge(next.end);
  await reader.backlog.acknowledge((await reader.backlog.peek(LIMITS))!.end);
  await journal.close();
  const { bytes, oldest } = (await inspectJournal(directory))!;
  const { out } = await cursorsOf(directory);
  expect(out).toMatchObject({ backlogLines: 40, lag: { lines: 40, bytes: (bytes / 10) * 4 } });
  expect(out!.lag.oldest).toBeGreaterThanOrEqual(oldest!);
});

test('a cursor ahead of the written lines has no lag, and a damaged one has the maximum', async () => {
  const directory = tempFolder();
  const journal = await openJournal(directory);
  journal.reader('ahead');
  await appendGroups(journal, 3);
  await journal.close();
  const { file } = await CursorFile.open(cursorPath(directory, 'ahead'));
  await file.save({ position: 1000, backlogFrom: 1000, backlogTo: 1000 }, 1);
  await file.close();
  writeFileSync(cursorPath(directory, 'damaged'), 'not a cursor');
  const { ahead, damaged } = await cursorsOf(directory);
  expect(ahead?.lag).toEqual({ lines: 0, bytes: 0, oldest: undefined });
  expect(damaged).toMatchObject({ progress: undefined, lag: { lines: 30 } });
});

test('lines dropped by the bounds are not counted as unsent', async () => {
  const directory = tempFolder();
  const journal = await openJournal(directory, 8 * 64 * 1024);
  journal.reader('slow');
  const noise = () => Array.from({ length: 3000 }, () => Math.random().toString(36).slice(2)).join('');
  for (let i = 0; i < 60; i += 1) await appendGroups(journal, 1, noise());
  await journal.close();
  const scanned = await linesIn(directory);
  const { slow } = await cursorsOf(directory);
  expect(scanned.size).toBeLessThan(600);
  expect(slow?.lag.lines).toBe(scanned.size);
});

test('a new count adds no lines', async () => {
  const directory = tempFolder();
  const journal = await openJournal(directory);
  journal.reader('slow');
  await appendGroups(journal, 3);
  await journal.close();
  // As left by a process that could not read the directory at first, and started to count from the time in microseconds.
  const far = 1_700_000_000_000_000;
  const { file } = await CursorFile.open(cursorPath(directory, 'far'));
  await file.save({ position: far, backlogFrom: far, backlogTo: far }, 1);
  await file.close();
  const again = await openJournal(directory);
  await appendGroups(again, 2);
  await again.close();
  const { slow, far: ahead } = await cursorsOf(directory);
  expect(slow?.lag.lines).toBe(50);
  expect(ahead?.lag.lines).toBe(20);
  expect(await linesIn(directory)).toEqual({ size: 50, missing: 0 });
});

test('a scan continues after damage, and counts missing lines', async () => {
  const directory = tempFolder();
  const journal = await openJournal(directory);
  journal.reader('slow');
  await appendGroups(journal, 10);
  await journal.close();
  const [name] = readdirSync(directory).filter((each) => each.endsWith('.seg'));
  const path = join(directory, name!);
  const bytes = readFileSync(path);
  // In the payload of the fourth of ten equal records.
  bytes[Math.floor((bytes.length / 10) * 3) + 50]! ^= 0xff;
  writeFileSync(path, bytes);
  expect(await linesIn(directory)).toEqual({ size: 90, missing: 10 });
});

test('a truncated segment is read up to its end', async () => {
  const directory = tempFolder();
  const journal = await openJournal(directory);
  journal.reader('slow');
  await appendGroups(journal, 10);
  await journal.close();
  const [name] = readdirSync(directory).filter((each) => each.endsWith('.seg'));
  truncateSync(join(directory, name!), statSync(join(directory, name!)).size - 5);
  expect(await linesIn(directory)).toEqual({ size: 90, missing: 0 });
  expect((await cursorsOf(directory))['slow']?.lag.lines).toBe(90);
});

test('a segment that is deleted during a scan is skipped', async () => {
  const directory = tempFolder();
  const journal = await openJournal(directory);
  journal.reader('slow');
  await appendGroups(journal, 2);
  const scan = await JournalScan.open(directory);
  for (const name of readdirSync(directory).filter((each) => each.endsWith('.seg'))) rmSync(join(directory, name));
  const groups = [];
  for await (const group of scan.groups()) groups.push(group);
  expect(groups).toEqual([]);
  await journal.close();
});
