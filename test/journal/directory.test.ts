/** Directories that changed since the last run, and the lock. */
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { LineJournal } from '../../src/journal/line-journal.ts';
import { findHolder, HeldError } from '../../src/journal/lock.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog, type RecordingLog } from '../support/kit/recording-log.ts';

import {
  append,
  appendStored,
  drain,
  drainBoth,
  JournalKit,
  look,
  numbered,
  segmentsIn,
  stored,
  take,
  until,
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

const open = () => kit.open(directory, { clock, log });

/** A journal with the lines 0 to 9; reader `a` has acknowledged 3 of them, reader `b` none. */
async function written(): Promise<void> {
  const journal = await kit.open(directory);
  const a = journal.reader('a');
  journal.reader('b');
  append(journal, ...numbered(0, 10));
  await take(a, { lines: 2, bytes: 1e9 });
  await take(a, { lines: 1, bytes: 1e9 });
  await kit.close(journal);
}

/** All names in the directory. */
function names(): string[] {
  return readdirSync(directory).sort();
}

function warnings(): string[] {
  return log.lines.filter((line) => !line.startsWith('info: '));
}

/** Advances to the next retry, and waits until it succeeds. */
async function returnToDisk(journal: LineJournal): Promise<void> {
  expect(journal.status.isDegraded).toBe(true);
  clock.advance(RETRY_MS);
  await until(() => !journal.status.isDegraded, 'the journal is on the disk again');
}

describe('in its directory', () => {
  test('a segment of another version is kept and logged; numbers continue after it', async () => {
    mkdirSync(directory);
    const other = '0000000000005000.v2.seg';
    writeFileSync(join(directory, other), 'something else');
    const journal = await open();
    expect(warnings()).toEqual(['warn: Segments of another version of healthd are ignored']);
    const reader = journal.reader('a');
    await appendStored(journal, ...numbered(0, 3));
    expect(await drain(reader)).toEqual(numbered(0, 3));
    expect(reader.lostLines).toBe(0);
    const own = segmentsIn(directory).find((name) => name !== other);
    expect(Number.parseInt(own ?? '', 10)).toBeGreaterThan(5000);
    await kit.close(journal);
    expect(readFileSync(join(directory, other), 'utf8')).toBe('something else');
  });

  test('a segment of another version between its own does not count as lost lines', async () => {
    await written();
    writeFileSync(join(directory, '0000000000000004.v2.seg'), '');
    const journal = await open();
    expect(await drain(journal.reader('a'))).toEqual(numbered(3, 7));
  });

  test('H-027: foreign files are kept and logged once', async () => {
    await written();
    const foreign = [
      'notes.txt',
      'x.v1.seg',
      '123.v1.seg',
      '0000000000000000.v1.seg.bak',
      '.hidden',
      '0000000000000000.seg',
    ];
    for (const name of foreign) writeFileSync(join(directory, name), `I am ${name}`);
    mkdirSync(join(directory, 'folder'));
    for (let index = 0; index < 100; index += 1) writeFileSync(join(directory, `f${index}`), '');
    writeFileSync(join(directory, 'cursors', 'README'), 'no cursor');
    const before = names();
    const journal = await open();
    expect(warnings()).toEqual(['warn: Unknown files in the directory of the journal are ignored']);
    expect(journal.status.idle.toSorted()).toEqual(['a', 'b']);
    expect(await drain(journal.reader('a'))).toEqual(numbered(3, 7));
    await kit.close(journal);
    expect(names()).toEqual(before);
    for (const name of foreign) expect(readFileSync(join(directory, name), 'utf8')).toBe(`I am ${name}`);
  });

  test.each(['0000000000000000', '0000000000000010', '0000000000000500'])(
    'a symbolic link named like the segment %s is neither followed nor deleted, and does no harm',
    async (base) => {
      mkdirSync(directory);
      const victim = join(dirname(directory), 'victim');
      writeFileSync(victim, 'precious');
      symlinkSync(victim, join(directory, `${base}.v1.seg`));
      const journal = await open();
      expect(warnings()).toEqual(['warn: Unknown files in the directory of the journal are ignored']);
      const reader = journal.reader('a');
      for (let from = 0; from < 20; from += 10) {
        await appendStored(journal, ...numbered(from, 10));
        expect(await drain(reader)).toEqual(numbered(from, 10));
        clock.advance(2 * 3_600_000);
        await sleep(20);
      }
      expect(journal.status).toMatchObject({ isDegraded: false, writeErrors: 0 });
      await kit.close(journal);
      expect(readFileSync(victim, 'utf8')).toBe('precious');
      const links = names().filter((name) => lstatSync(join(directory, name)).isSymbolicLink());
      expect(links).toHaveLength(1);
    },
  );

  test('a folder named like a segment does no harm', async () => {
    mkdirSync(join(directory, '0000000000000000.v1.seg', 'something'), { recursive: true });
    const journal = await open();
    const reader = journal.reader('a');
    await appendStored(journal, ...numbered(0, 3));
    expect(await drain(reader)).toEqual(numbered(0, 3));
    expect(journal.status.isDegraded).toBe(false);
  });

  test('an empty segment left by a crash does no harm', async () => {
    await written();
    writeFileSync(join(directory, '0000000000000010.v1.seg'), '');
    let journal = await open();
    expect(warnings()).toEqual([]);
    expect(await look(journal.reader('b'))).toEqual(numbered(0, 10));
    await appendStored(journal, ...numbered(10, 3));
    await kit.close(journal);
    journal = await open();
    expect(await drain(journal.reader('b'))).toEqual(numbered(0, 13));
    expect(journal.reader('b').lostLines).toBe(0);
  });

  test('lines of a segment removed from outside are counted as lost', async () => {
    await written();
    const first = await open();
    await appendStored(first, ...numbered(10, 5));
    await kit.close(first);
    rmSync(join(directory, '0000000000000000.v1.seg'));
    const journal = await open();
    const reader = journal.reader('b');
    expect(await drain(reader)).toEqual(numbered(10, 5));
    expect(reader.lostLines).toBe(10);
    expect(reader.pendingLines).toBe(0);
  });

  test('a torn end is truncated and logged, and its segment is not appended to', async () => {
    await written();
    const [name] = segmentsIn(directory);
    const sound = readFileSync(join(directory, name!));
    appendFileSync(join(directory, name!), sound.subarray(0, 60));
    const journal = await open();
    expect(warnings()).toEqual(['warn: The journal ends with an incomplete record, which is truncated']);
    await appendStored(journal, ...numbered(10, 5));
    expect(readFileSync(join(directory, name!)).equals(sound)).toBe(true);
    expect(segmentsIn(directory)).toHaveLength(2);
    expect(await drain(journal.reader('b'))).toEqual(numbered(0, 15));
    expect(journal.reader('b').lostLines).toBe(0);
  });
});

describe('a cursor', () => {
  const cursor = (name: string) => join(directory, 'cursors', `${name}.cursor`);

  function damage(name: string, slot: 0 | 1): void {
    const bytes = readFileSync(cursor(name));
    bytes[slot * 128 + 20]! ^= 1;
    writeFileSync(cursor(name), bytes);
  }

  test('beyond the end moves the end: its lines are not sent again, and no number is reused', async () => {
    await written();
    const ahead = await open();
    append(ahead, ...numbered(10, 10));
    await drain(ahead.reader('a'));
    await kit.close(ahead);
    // As after a power failure that lost lines which had already been sent.
    for (const name of segmentsIn(directory).slice(1)) rmSync(join(directory, name));
    const journal = await open();
    const [a, b] = [journal.reader('a'), journal.reader('b')];
    await appendStored(journal, ...numbered(20, 5));
    expect(await drain(a)).toEqual(numbered(20, 5));
    expect(await drain(b)).toEqual([...numbered(0, 10), ...numbered(20, 5)]);
    expect([a.lostLines, b.lostLines]).toEqual([0, 10]);
  });

  test('with both slots damaged starts at the oldest line, and that is logged', async () => {
    await written();
    damage('a', 0);
    damage('a', 1);
    const journal = await open();
    expect(await drain(journal.reader('a'))).toEqual(numbered(0, 10));
    expect(warnings()).toEqual(['warn: The cursor of a cannot be read; it starts again at the oldest line']);
    await kit.close(journal);
    expect((await open()).reader('a').pendingLines).toBe(0);
  });

  test.each(['', 'x', 'healthd-cursor 1 5 5 5 5 5', '\0'.repeat(256), 'x'.repeat(5000)])(
    'that says nonsense (%j) gets everything again',
    async (text) => {
      await written();
      writeFileSync(cursor('a'), text);
      const journal = await open();
      expect(await drain(journal.reader('a'))).toEqual(numbered(0, 10));
    },
  );

  test('with one damaged slot uses the other', async () => {
    await written();
    const slots = readFileSync(cursor('a'), 'latin1').split('\n');
    const positions = slots.map((slot) => Number(slot.split(' ')[3]));
    expect(positions.slice(0, 2).toSorted()).toEqual([2, 3]);
    const newer = positions[0] === 3 ? 0 : 1;
    damage('a', newer);
    let journal = await open();
    expect(await look(journal.reader('a'))).toEqual(numbered(2, 8));
    await take(journal.reader('a'), { lines: 2, bytes: 1e9 });
    await kit.close(journal);
    journal = await open();
    expect(await look(journal.reader('a'))).toEqual(numbered(4, 6));
    expect(warnings()).toEqual([]);
  });

  test('with a damaged older slot is not affected', async () => {
    await written();
    const slots = readFileSync(cursor('a'), 'latin1').split('\n');
    damage('a', slots[0]?.split(' ')[3] === '2' ? 0 : 1);
    expect(await look((await open()).reader('a'))).toEqual(numbered(3, 7));
  });

  test('that is a symbolic link is not followed', async () => {
    await written();
    const victim = join(dirname(directory), 'victim');
    renameSync(cursor('a'), victim);
    symlinkSync(victim, cursor('a'));
    const before = readFileSync(victim);
    const journal = await open();
    expect(await drain(journal.reader('a'))).toEqual(numbered(0, 10));
    expect(warnings()).toEqual([
      'warn: The cursor of a cannot be read; it starts again at the oldest line',
      expect.stringMatching(/^warn: The cursor of a cannot be saved; a restart would send lines again: ELOOP/),
    ]);
    expect(journal.reader('a').pendingLines).toBe(0);
    await kit.close(journal);
    expect(readFileSync(victim).equals(before)).toBe(true);
  });

  test('that is a folder does not affect the others', async () => {
    await written();
    rmSync(cursor('a'));
    mkdirSync(cursor('a'));
    const journal = await open();
    expect(await drain(journal.reader('b'))).toEqual(numbered(0, 10));
    expect(await drain(journal.reader('a'))).toEqual(numbered(0, 10));
  });
});

describe('a journal that cannot use its directory when it starts', () => {
  /** A path below a file, unusable until the file is removed. */
  function blocked(): { readonly unblock: () => void } {
    const blocker = join(kit.folder(), 'blocker');
    writeFileSync(blocker, '');
    directory = join(blocker, 'state', 'journal');
    return {
      unblock: () => {
        rmSync(blocker);
      },
    };
  }

  test('starts in memory, logs that once, and switches to the disk by itself', async () => {
    const { unblock } = blocked();
    const journal = await open();
    expect(warnings()).toEqual([
      expect.stringMatching(/^warn: The journal cannot be written, and lines are kept in memory until it can: ENOTDIR/),
    ]);
    const [a, b] = [journal.reader('a'), journal.reader('b')];
    append(journal, ...numbered(0, 5));
    expect(await drain(a)).toEqual(numbered(0, 5));
    for (let attempt = 0; attempt < 5; attempt += 1) {
      clock.advance(RETRY_MS);
      await until(() => journal.status.writeErrors > attempt + 1);
    }
    append(journal, ...numbered(5, 5));
    expect(await drain(a)).toEqual(numbered(5, 5));
    unblock();
    await returnToDisk(journal);
    await stored(journal);
    append(journal, ...numbered(10, 5));
    await kit.close(journal);
    expect(warnings()).toHaveLength(1);
    expect(log.lines.at(-1)).toMatch(/^info: The journal is written again after /);
    const next = await open();
    expect(await drain(next.reader('a'))).toEqual(numbered(10, 5));
    expect(await drain(next.reader('b'))).toEqual(numbered(0, 15));
    expect([b.lostLines, next.reader('b').lostLines]).toEqual([0, 0]);
  });

  test('keeps its readers if the disk becomes usable before a line is appended', async () => {
    const { unblock } = blocked();
    const journal = await open();
    const reader = journal.reader('a');
    unblock();
    clock.advance(RETRY_MS);
    await sleep(50);
    append(journal, ...numbered(0, 5));
    expect(reader.pendingLines).toBe(5);
    expect(await drain(reader)).toEqual(numbered(0, 5));
    await until(() => !journal.status.isDegraded);
    expect(segmentsIn(directory)).toHaveLength(1);
  });

  test('finds lines on disk and sends them as a backlog', async () => {
    await written();
    const aside = `${directory}.aside`;
    renameSync(directory, aside);
    writeFileSync(directory, '');
    const journal = await open();
    const [a, c] = [journal.reader('a'), journal.reader('c')];
    append(journal, ...numbered(10, 5));
    expect(await take(a, { lines: 2, bytes: 1e9 })).toEqual(numbered(10, 2));
    rmSync(directory);
    renameSync(aside, directory);
    await returnToDisk(journal);
    expect(a.backlog.pendingLines).toBe(7);
    expect([a.pendingLines, c.pendingLines, c.backlog.pendingLines]).toEqual([3, 5, 0]);
    expect(await drain(a.backlog)).toEqual(numbered(3, 7));
    expect(await drain(a)).toEqual(numbered(12, 3));
    expect(await drain(c)).toEqual(numbered(10, 5));
    expect(journal.status.idle).toEqual(['b']);
    expect(await drainBoth(journal.reader('b'))).toEqual(numbered(0, 15));
    expect([a.lostLines, c.lostLines, journal.reader('b').lostLines]).toEqual([0, 0, 0]);
  });

  test('has a backlog that an earlier batch does not acknowledge', async () => {
    await written();
    const aside = `${directory}.aside`;
    renameSync(directory, aside);
    writeFileSync(directory, '');
    const journal = await open();
    const a = journal.reader('a');
    append(journal, ...numbered(10, 5));
    a.putOff();
    const inFlight = await a.backlog.peek({ lines: 2, bytes: 1e9 });
    rmSync(directory);
    renameSync(aside, directory);
    await returnToDisk(journal);
    await a.backlog.acknowledge(inFlight!.end);
    expect(await drain(a.backlog)).toEqual(numbered(3, 12));
    expect(a.lostLines).toBe(0);
  });

  test('counts no loss between old and new lines, also after a restart', async () => {
    await written();
    const aside = `${directory}.aside`;
    renameSync(directory, aside);
    writeFileSync(directory, '');
    let journal = await open();
    const a = journal.reader('a');
    append(journal, ...numbered(10, 5));
    rmSync(directory);
    renameSync(aside, directory);
    await returnToDisk(journal);
    await stored(journal);
    await drainBoth(a);
    journal.release('a');
    await kit.close(journal);
    journal = await open();
    const b = journal.reader('b');
    expect(b.pendingLines).toBe(15);
    expect(await drain(b)).toEqual(numbered(0, 15));
    expect(b.lostLines).toBe(0);
  });

  test('does not mix its lines in memory with higher-numbered lines on disk', async () => {
    await written();
    const aside = `${directory}.aside`;
    renameSync(directory, aside);
    writeFileSync(directory, '');
    // The system clock was set back, so new numbers are lower than those on disk.
    renameSync(join(aside, '0000000000000000.v1.seg'), join(aside, '0000000000000000.v2.seg'));
    renameSync(join(aside, '0000000000000000.v2.seg'), join(aside, '8000000000000000.v2.seg'));
    const journal = await open();
    const a = journal.reader('a');
    append(journal, ...numbered(10, 5));
    rmSync(directory);
    renameSync(aside, directory);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { writeErrors } = journal.status;
      clock.advance(RETRY_MS);
      await until(() => journal.status.writeErrors > writeErrors);
    }
    expect(journal.status.isDegraded).toBe(true);
    expect(segmentsIn(directory)).toEqual(['8000000000000000.v2.seg']);
    expect(await look(a)).toEqual(numbered(10, 5));
    await kit.close(journal);
    expect(warnings()).toHaveLength(2);
    expect(warnings()[1]).toBe('error: Lines that could not be written to the journal are lost');
  });

  test('does not write cursors before recovery', async () => {
    await written();
    const [name] = segmentsIn(directory);
    const restore = lackRights(directory, join(directory, name!));
    try {
      const journal = await open();
      expect(warnings()).toEqual([expect.stringMatching(/cannot be written, .*EACCES/)]);
      const a = journal.reader('a');
      append(journal, ...numbered(10, 5));
      expect(await take(a, { lines: 2, bytes: 1e9 })).toEqual(numbered(10, 2));
      expect(warnings()).toHaveLength(1);
      chmodSync(join(directory, name!), 0o640);
      const asAfterACrash = await kit.open(kit.copy(directory));
      expect(await drain(asAfterACrash.reader('a'))).toEqual(numbered(3, 7));
      await returnToDisk(journal);
      expect(a.backlog.pendingLines).toBe(7);
      expect(await drainBoth(a)).toEqual([...numbered(3, 7), ...numbered(12, 3)]);
      await kit.close(journal);
      const next = await open();
      expect(await drain(next.reader('b'))).toEqual(numbered(0, 15));
      expect(next.reader('a').pendingLines).toBe(0);
      await kit.close(next);
    } finally {
      restore();
    }
  });

  test('reports a path that is a file', async () => {
    writeFileSync(directory, 'I am a file');
    const journal = await open();
    const reader = journal.reader('a');
    append(journal, 'm v=1');
    expect(await drain(reader)).toEqual(['m v=1']);
    expect(journal.status).toMatchObject({ isDegraded: true, segments: 0, diskBytes: 0 });
    await kit.close(journal);
    expect(warnings()).toEqual([expect.stringMatching(/cannot be written, .*EEXIST/)]);
    expect(readFileSync(directory, 'utf8')).toBe('I am a file');
  });

  test('logs on close how many lines it could not write', async () => {
    blocked();
    const journal = await open();
    journal.reader('a');
    append(journal, ...numbered(0, 7));
    await kit.close(journal);
    expect(warnings().at(-1)).toBe('error: Lines that could not be written to the journal are lost');
  });
});

/** Makes a file unreadable for this process; as root by switching to another user for a while. */
function lackRights(folder: string, file: string): () => void {
  chmodSync(file, 0);
  if (process.getuid?.() !== 0) return () => undefined;
  const nobody = 65_534;
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    chownSync(join(folder, entry), nobody, nobody);
  for (const each of [folder, dirname(folder)]) chownSync(each, nobody, nobody);
  process.seteuid?.(nobody);
  return () => process.seteuid?.(0);
}

describe('the lock of a journal', () => {
  test('rejects a second journal in the same directory, with a message that names it', async () => {
    await open();
    const error = await open().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HeldError);
    expect((error as Error).message).toBe(
      `${directory} is in use by another healthd (process ${process.pid}); stop it, or set a different agent.state_dir`,
    );
  });

  test('is released when the journal is closed', async () => {
    for (let round = 0; round < 5; round += 1) {
      const journal = await open();
      expect(await findHolder(directory)).toBe(String(process.pid));
      await kit.close(journal);
      expect(await findHolder(directory)).toBeUndefined();
      expect(names()).not.toContain('lock');
    }
    expect(warnings()).toEqual([]);
  });

  test('held by another process is reported with its PID, and is free as soon as it is killed', async () => {
    mkdirSync(directory);
    const script = `require('net').createServer((s) => s.end(String(process.pid))).listen('lock', () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', script], { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await expect(open()).rejects.toThrow(`${directory} is in use by another healthd (process ${child.pid})`);
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
    expect(lstatSync(join(directory, 'lock')).isSocket()).toBe(true);
    const journal = await open();
    journal.reader('a');
    await appendStored(journal, 'm v=1');
    expect(warnings()).toEqual([]);
    expect(names().filter((name) => name.startsWith('lock'))).toEqual(['lock']);
    await expect(open()).rejects.toThrow(HeldError);
  });

  /** A process that has the directory open, which is then deleted in its mount namespace. */
  async function holdDeleted(command: string, args: readonly string[], remove: (pid: number) => void) {
    const child = spawn(command, args, { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    remove(child.pid ?? -1);
    return async () => {
      child.kill('SIGKILL');
      await exited;
    };
  }

  const linuxTest = process.platform === 'linux' ? test : test.skip;

  linuxTest('in a deleted directory counts, however often the next process tries', async () => {
    mkdirSync(directory);
    const script = `require('fs').openSync('.', 'r'); console.log('up'); setInterval(() => {}, 1000)`;
    const end = await holdDeleted(process.execPath, ['-e', script], () => {
      rmSync(directory, { recursive: true });
    });
    try {
      for (let attempt = 0; attempt < 3; attempt += 1) await expect(open()).rejects.toThrow(HeldError);
    } finally {
      await end();
    }
    expect((await open()).status.isDegraded).toBe(false);
  });

  const canUnshare = process.platform === 'linux' && spawnSync('unshare', ['-m', 'true']).status === 0;

  (canUnshare ? test : test.skip)('in a deleted directory of the same path in a container does not count', async () => {
    mkdirSync(directory);
    const script = `mount -t tmpfs none "$1" && mkdir "$1/journal" && exec 3<"$1/journal" && rmdir "$1/journal" && echo up && exec sleep 60`;
    const end = await holdDeleted('unshare', ['-m', 'sh', '-c', script, 'sh', dirname(directory)], (pid) => {
      expect(readlinkSync(`/proc/${pid}/fd/3`)).toBe(`${directory} (deleted)`);
      rmSync(directory, { recursive: true });
    });
    try {
      expect((await open()).status.isDegraded).toBe(false);
    } finally {
      await end();
    }
  });

  test('that is stale is taken over by exactly one of many contenders', async () => {
    mkdirSync(directory);
    const script = `require('net').createServer().listen('lock', () => process.kill(process.pid, 'SIGKILL'))`;
    expect(spawnSync(process.execPath, ['-e', script], { cwd: directory }).signal).toBe('SIGKILL');
    expect(names()).toEqual(['lock']);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => open()));
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(failures).toHaveLength(7);
    for (const failure of failures) expect(failure).toBeInstanceOf(HeldError);
    expect(names().filter((name) => name.startsWith('lock'))).toEqual(['lock']);
  });

  test('works for paths longer than a socket path may be', async () => {
    directory = join(kit.folder(), 'x'.repeat(120), 'y'.repeat(120), 'journal');
    const journal = await open();
    const reader = journal.reader('a');
    await appendStored(journal, 'm v=1');
    expect(await drain(reader)).toEqual(['m v=1']);
    await expect(open()).rejects.toThrow(HeldError);
    await kit.close(journal);
    expect((await open()).status.isDegraded).toBe(false);
    expect(warnings()).toEqual([]);
  });

  test('is not removed with the lock of another journal', async () => {
    const other = join(kit.folder(), 'journal');
    const first = await kit.open(other);
    await open();
    // The file descriptor by which the first one knew its directory may be reused now.
    const handles = Array.from({ length: 30 }, () => openSync(directory, 'r'));
    await kit.close(first);
    for (const handle of handles) closeSync(handle);
    expect(names()).toContain('lock');
    await expect(open()).rejects.toThrow(HeldError);
  });

  test('blocked by another file keeps the journal in memory until that is removed', async () => {
    mkdirSync(join(directory, 'lock'), { recursive: true });
    const journal = await open();
    const reader = journal.reader('a');
    append(journal, ...numbered(0, 3));
    expect(await drain(reader)).toEqual(numbered(0, 3));
    expect(warnings()).toEqual([
      expect.stringMatching(/cannot be written, .*lock is not a socket and blocks the lock; remove it/),
    ]);
    rmSync(join(directory, 'lock'), { recursive: true });
    append(journal, ...numbered(3, 3));
    await returnToDisk(journal);
    await stored(journal);
    expect(await drain(reader)).toEqual(numbered(3, 3));
    expect(existsSync(join(directory, 'lock'))).toBe(true);
    expect(warnings()).toHaveLength(1);
  });
});
