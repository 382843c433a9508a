/** Writes to disk fail for a while: lines are kept in memory and written afterwards. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { HEADER_BYTES } from '../../src/journal/record.ts';
import type { LineJournal } from '../../src/journal/line-journal.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog, type RecordingLog } from '../support/kit/recording-log.ts';

import {
  append,
  appendStored,
  bulky,
  drain,
  drainBoth,
  endSegment,
  JournalKit,
  KiB,
  look,
  numbered,
  segmentBytes,
  segmentsIn,
  serials,
  stored,
  take,
  until,
  type JournalSettings,
} from './journal-kit.ts';

const RETRY_MS = 5000;

const kit = new JournalKit();
let directory: string;
let clock: ReturnType<typeof manualClock>;
let log: RecordingLog;
beforeEach(() => {
  directory = join(kit.folder(), 'journal');
  clock = manualClock();
  log = recordingLog();
});
afterEach(() => kit.clear());

const open = (settings: JournalSettings = {}) => kit.open(directory, { clock, log, ...settings });

const CANNOT = /^warn: The journal cannot be written, and lines are kept in memory until it can: /;
const AGAIN = /^info: The journal is written again after /;

/** Removes the directory after the segment was closed, so that the next one cannot be created. */
async function withoutDirectory(journal: LineJournal): Promise<{ readonly restore: () => void }> {
  await stored(journal);
  await endSegment(clock);
  await sleep(20);
  const aside = `${directory}.aside`;
  renameSync(directory, aside);
  writeFileSync(directory, 'in the way');
  return {
    restore() {
      rmSync(directory);
      renameSync(aside, directory);
    },
  };
}

/** Advances to the next retry, which fails. */
async function tryAgain(journal: LineJournal): Promise<void> {
  const { writeErrors } = journal.status;
  clock.advance(RETRY_MS);
  await until(() => journal.status.writeErrors > writeErrors, 'another attempt to write has failed');
}

async function returnToDisk(journal: LineJournal): Promise<void> {
  clock.advance(RETRY_MS);
  await stored(journal);
  await until(() => !journal.status.isDegraded, 'the journal is on the disk again');
}

/** All lines in the directory. */
async function everything(): Promise<string[]> {
  const journal = await kit.open(directory);
  const reader = journal.reader('everything', 'beginning');
  const lines = await drain(reader);
  expect(reader.lostLines).toBe(0);
  await kit.close(journal);
  return lines;
}

describe('while writes to disk fail', () => {
  test('appending and reading continue; one warning, one line on recovery, and all lines in order', async () => {
    const journal = await open();
    const [fast, slow, idle] = [journal.reader('fast'), journal.reader('slow'), journal.reader('idle')];
    append(journal, ...numbered(0, 10));
    await drain(fast);
    await take(slow, { lines: 4, bytes: 1e9 });
    const { restore } = await withoutDirectory(journal);
    append(journal, ...numbered(10, 10));
    expect(await drain(fast)).toEqual(numbered(10, 10));
    await until(() => journal.status.isDegraded);
    for (let round = 2; round < 6; round += 1) {
      append(journal, ...numbered(round * 10, 10));
      expect(await drain(fast)).toEqual(numbered(round * 10, 10));
      await tryAgain(journal);
    }
    expect(log.lines).toEqual([expect.stringMatching(CANNOT)]);
    expect(journal.status.memoryBytes).toBeGreaterThan(0);
    expect([slow.pendingLines, idle.pendingLines]).toEqual([56, 60]);
    restore();
    expect(await drain(slow)).toEqual(numbered(4, 56));
    await returnToDisk(journal);
    append(journal, ...numbered(60, 10));
    await stored(journal);
    expect(log.lines).toEqual([expect.stringMatching(CANNOT), expect.stringMatching(AGAIN)]);
    expect(log.lines[1]).toBe('info: The journal is written again after 25s');
    expect([fast.lostLines, slow.lostLines, idle.lostLines]).toEqual([0, 0, 0]);
    await kit.close(journal);
    expect(await everything()).toEqual(numbered(0, 70));
  });

  test('recovery is logged only after a successful write, even if nothing is left to write', async () => {
    const journal = await open();
    const reader = journal.reader('a');
    append(journal, 'm v=0');
    await drain(reader);
    const { restore } = await withoutDirectory(journal);
    for (let round = 1; round < 5; round += 1) {
      append(journal, ...numbered(round, 1));
      journal.seal();
      await until(() => journal.status.isDegraded);
      expect(await drain(reader)).toEqual(numbered(round, 1));
      clock.advance(RETRY_MS);
      await sleep(20);
    }
    expect(log.lines).toEqual([expect.stringMatching(CANNOT)]);
    restore();
    append(journal, 'm v=5');
    await returnToDisk(journal);
    expect(log.lines).toEqual([expect.stringMatching(CANNOT), expect.stringMatching(AGAIN)]);
  });

  test('readers get lines from disk, then from memory, and lose nothing on recovery', async () => {
    const journal = await open({ maxBytes: 2 ** 40 });
    const [slow, slower] = [journal.reader('slow'), journal.reader('slower')];
    for (let from = 0; from < 4000; from += 500) append(journal, ...bulky(from, 500));
    const { restore } = await withoutDirectory(journal);
    for (let from = 4000; from < 8000; from += 500) append(journal, ...bulky(from, 500));
    await until(() => journal.status.isDegraded);
    restore();
    expect(serials(await take(slow, { lines: 5000, bytes: 1e9 })).length).toBeGreaterThan(0);
    rmSync(`${directory}.aside`, { recursive: true, force: true });
    const rest = serials(await drain(slow, { lines: 1200, bytes: 1e9 }));
    expect(rest.at(-1)).toBe(7999);
    await returnToDisk(journal);
    expect(serials(await drain(slower, { lines: 700, bytes: 1e9 }))).toEqual(serials(bulky(0, 8000)));
    expect([slow.lostLines, slower.lostLines]).toEqual([0, 0]);
  }, 30_000);

  test('memory is bounded: the oldest lines that are only in memory are dropped first and counted', async () => {
    const journal = await open({ memoryBytes: 200 * KiB });
    const [fast, slow] = [journal.reader('fast'), journal.reader('slow')];
    journal.reader('idle');
    append(journal, ...bulky(0, 100));
    await drain(fast);
    const { restore } = await withoutDirectory(journal);
    for (let from = 100; from < 2100; from += 100) {
      append(journal, ...bulky(from, 100));
      expect(serials(await drain(fast))).toEqual(serials(bulky(from, 100)));
    }
    await until(() => journal.status.isDegraded);
    await tryAgain(journal);
    expect(journal.status.memoryBytes).toBeLessThan(300 * KiB);
    expect(fast.lostLines).toBe(0);
    expect(slow.lostLines).toBeGreaterThan(500);
    expect(slow.lostLines + slow.pendingLines).toBe(2100);
    restore();
    await returnToDisk(journal);
    const { pendingLines, lostLines } = slow;
    const got = serials(await drain(slow));
    expect(got).toHaveLength(pendingLines);
    expect(got.slice(0, 100)).toEqual(serials(bulky(0, 100)));
    expect(got.slice(100)).toEqual(serials(bulky(2100 - pendingLines + 100, pendingLines - 100)));
    expect(slow.lostLines).toBe(lostLines);
    await kit.close(journal);
    const next = await kit.open(directory);
    const again = next.reader('again', 'beginning');
    expect(serials(await drain(again))).toEqual(got);
    expect(again.lostLines).toBe(lostLines);
  }, 30_000);

  test('close writes the remaining lines, if it can', async () => {
    const journal = await open();
    const reader = journal.reader('a');
    append(journal, ...numbered(0, 5));
    const { restore } = await withoutDirectory(journal);
    append(journal, ...numbered(5, 5));
    expect(await look(reader)).toHaveLength(10);
    await until(() => journal.status.isDegraded);
    restore();
    await kit.close(journal);
    expect(await everything()).toEqual(numbered(0, 10));
    expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  test('close resolves even if it cannot write, and logs the number of lost lines', async () => {
    const journal = await open();
    journal.reader('a');
    append(journal, ...numbered(0, 5));
    await withoutDirectory(journal);
    append(journal, ...numbered(5, 7));
    await kit.close(journal);
    expect(log.lines.at(-1)).toBe('error: Lines that could not be written to the journal are lost');
  });
});

describe('a removed directory', () => {
  test('is recreated and locked, with everything needed from then on', async () => {
    const journal = await open();
    const [fast, slow] = [journal.reader('fast'), journal.reader('slow')];
    append(journal, ...numbered(0, 5));
    await drain(fast);
    await stored(journal);
    await endSegment(clock);
    await sleep(20);
    rmSync(directory, { recursive: true });
    append(journal, ...numbered(5, 5));
    journal.seal();
    await until(() => journal.status.isDegraded);
    expect(await take(fast, { lines: 2, bytes: 1e9 })).toEqual(numbered(5, 2));
    await returnToDisk(journal);
    expect(segmentsIn(directory)).toHaveLength(1);
    await expect(open()).rejects.toThrow('is in use by another healthd');
    await until(() => existsSync(join(directory, 'cursors', 'slow.cursor')));
    expect(await take(fast, { lines: 1, bytes: 1e9 })).toEqual(numbered(7, 1));
    await kit.close(journal);
    const next = await kit.open(directory);
    expect(await drain(next.reader('fast'))).toEqual(numbered(8, 2));
    expect(await drain(next.reader('slow'))).toEqual(numbered(5, 5));
    expect(slow.pendingLines).toBeGreaterThan(0);
  });

  test('is detected while a segment is open, and no lines are written to the deleted file', async () => {
    const journal = await open();
    const [fast, slow] = [journal.reader('fast'), journal.reader('slow')];
    append(journal, ...numbered(0, 5));
    await drain(fast);
    await stored(journal);
    rmSync(directory, { recursive: true });
    clock.advance(60_000);
    await sleep(50);
    append(journal, ...numbered(5, 5));
    await drain(fast);
    clock.advance(RETRY_MS);
    await stored(journal);
    await until(() => existsSync(directory) && segmentsIn(directory).length === 1);
    await kit.close(journal);
    const next = await kit.open(directory);
    expect(await drain(next.reader('slow'))).toEqual(numbered(5, 5));
    expect(next.reader('fast').pendingLines).toBe(0);
    expect(slow.lostLines).toBe(0);
  });

  test('of which even the open file has no status, as on NFS, costs no line that comes later', async () => {
    const journal = await open();
    const reader = journal.reader('a');
    append(journal, ...numbered(0, 5));
    await stored(journal);
    const handle = await openFile(directory);
    const stat = jest.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'stat');
    await handle.close();
    stat.mockRejectedValue(Object.assign(new Error('ESTALE: stale file handle, fstat'), { code: 'ESTALE' }));
    try {
      for (let round = 1; round <= 3; round += 1) {
        clock.advance(RETRY_MS);
        append(journal, ...numbered(5 * round, 5));
        journal.seal();
        await stored(journal);
      }
    } finally {
      stat.mockRestore();
    }
    expect(journal.status.isDegraded).toBe(false);
    expect(await drain(reader)).toEqual(numbered(0, 20));
  });
});

describe('a cursor that cannot be saved', () => {
  test('is logged once, does not block sending, and is saved as soon as possible', async () => {
    mkdirSync(directory);
    const journal = await open();
    const reader = journal.reader('a');
    append(journal, ...numbered(0, 5));
    await stored(journal);
    journal.release('a');
    await sleep(20);
    const cursors = join(directory, 'cursors');
    renameSync(cursors, `${cursors}.aside`);
    writeFileSync(cursors, '');
    const again = journal.reader('a');
    for (let round = 0; round < 5; round += 1)
      expect(await take(again, { lines: 1, bytes: 1e9 })).toEqual(numbered(round, 1));
    expect(log.lines).toEqual([
      expect.stringMatching(/^warn: The cursor of a cannot be saved; a restart would send lines again: E/),
    ]);
    rmSync(cursors);
    renameSync(`${cursors}.aside`, cursors);
    append(journal, ...numbered(5, 5));
    await take(again, { lines: 3, bytes: 1e9 });
    expect(log.lines).toHaveLength(1);
    expect(reader.lostLines).toBe(0);
    await kit.close(journal);
    expect(await drain((await open()).reader('a'))).toEqual(numbered(8, 2));
  });

  test('is saved by close, if it can', async () => {
    const journal = await open();
    journal.reader('b');
    await stored(journal);
    await until(() => existsSync(join(directory, 'cursors')));
    await sleep(20);
    const cursors = join(directory, 'cursors');
    renameSync(cursors, `${cursors}.aside`);
    writeFileSync(cursors, '');
    const reader = journal.reader('a');
    append(journal, ...numbered(0, 5));
    await take(reader, { lines: 2, bytes: 1e9 });
    rmSync(cursors);
    renameSync(`${cursors}.aside`, cursors);
    await kit.close(journal);
    expect(await drain((await open()).reader('a'))).toEqual(numbered(2, 3));
  });
});

const SMALL = 1024 * KiB;

/** Declares a test that needs a disk of one MiB; skipped, with the reason in its name, if it cannot be mounted. */
function fullDiskTest(title: string, body: (disk: { readonly path: string; grow(): void }) => Promise<void>): void {
  const mount = (path: string, options: string) =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'ignore' }).status === 0;
  const unmount = (path: string) => spawnSync('umount', [path], { stdio: 'ignore' });
  const probe = kit.folder();
  const mayMount = mount(probe, `size=${SMALL}`);
  if (mayMount) unmount(probe);
  rmSync(probe, { recursive: true });
  if (!mayMount) {
    test.skip(`${title} (needs the right to mount a tmpfs)`, () => undefined);
    return;
  }
  test(
    title,
    async () => {
      const path = kit.folder();
      mount(path, `size=${SMALL}`);
      try {
        await body({ path, grow: () => mount(path, `remount,size=${16 * SMALL}`) });
      } finally {
        await kit.closeAll();
        unmount(path);
      }
    },
    30_000,
  );
}

describe('a full disk', () => {
  fullDiskTest('keeps nothing from being collected and sent, and all is written when there is room', async (disk) => {
    directory = join(disk.path, 'journal');
    const journal = await open();
    const [fast, slow] = [journal.reader('fast'), journal.reader('slow')];
    for (let from = 0; from < 5000; from += 100) {
      append(journal, ...bulky(from, 100));
      expect(serials(await drain(fast))).toEqual(serials(bulky(from, 100)));
      await take(slow, { lines: 1, bytes: 1e9 });
      if (from % 500 === 0 && !journal.status.isDegraded) await sleep(5);
    }
    await until(() => journal.status.isDegraded);
    for (let attempt = 0; attempt < 3; attempt += 1) await tryAgain(journal);
    expect(log.lines).toEqual([expect.stringMatching(/cannot be written, .*ENOSPC/)]);
    expect([fast.lostLines, slow.lostLines]).toEqual([0, 0]);
    expect(slow.pendingLines).toBe(4950);
    // A failed write leaves no partial data behind.
    const bytes = segmentBytes(directory).reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBe(journal.status.diskBytes);
    const asAfterACrash = await kit.open(kit.copy(directory));
    expect(asAfterACrash.reader('slow').pendingLines).toBeGreaterThan(500);
    disk.grow();
    await returnToDisk(journal);
    expect(log.lines.at(-1)).toMatch(AGAIN);
    await kit.close(journal);
    const next = await kit.open(directory);
    expect(serials(await drain(next.reader('slow')))).toEqual(serials(bulky(50, 4950)));
    expect(next.reader('slow').lostLines).toBe(0);
  });

  fullDiskTest('still has what was acknowledged: saving a cursor needs no room', async (disk) => {
    directory = join(disk.path, 'journal');
    const journal = await open();
    const reader = journal.reader('a');
    append(journal, ...numbered(0, 100));
    await stored(journal);
    await take(reader, { lines: 10, bytes: 1e9 });
    await take(reader, { lines: 10, bytes: 1e9 });
    writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(statfsSync(disk.path).bavail * statfsSync(disk.path).bsize));
    append(journal, ...bulky(100, 100));
    journal.seal();
    await until(() => journal.status.isDegraded);
    for (let round = 0; round < 6; round += 1) await take(reader, { lines: 10, bytes: 1e9 });
    expect(log.lines).toEqual([expect.stringMatching(CANNOT)]);
    const next = await kit.open(kit.copy(directory));
    expect(await drain(next.reader('a'))).toEqual(numbered(80, 20));
    const bytes = segmentsIn(directory).map((name) => readFileSync(join(directory, name)).length);
    expect(bytes[0]).toBeGreaterThan(HEADER_BYTES);
  });

  fullDiskTest('can be read when healthd starts', async (disk) => {
    directory = join(disk.path, 'journal');
    const journal = await open();
    journal.reader('a');
    await appendStored(journal, ...numbered(0, 100));
    await kit.close(journal);
    writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(statfsSync(disk.path).bavail * statfsSync(disk.path).bsize));
    const next = await open();
    const reader = next.reader('a');
    append(next, ...bulky(100, 100));
    expect(serials(await drainBoth(reader))).toEqual(serials(bulky(0, 200)));
    expect(reader.lostLines).toBe(0);
  });
});
