/** What a journal on disk keeps across restarts and crashes, and for how long. */
import { readFileSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { LineJournal } from '../../src/journal/line-journal.ts';
import { settle } from '../support/kit/settle.ts';

import {
  ALL,
  append,
  appendStored,
  bulky,
  drain,
  endSegment,
  HOUR,
  JournalKit,
  KiB,
  look,
  MiB,
  numbered,
  segmentsIn,
  serials,
  steppedClock,
  stored,
  take,
  until,
  type JournalSettings,
  type SteppedClock,
} from './journal-kit.ts';
import { anyStepsOfSeveralLives, play } from './journal-model.ts';

const kit = new JournalKit();
let directory: string;
let clock: SteppedClock;
beforeEach(() => {
  directory = join(kit.folder(), 'journal');
  clock = steppedClock();
});
afterEach(() => kit.clear());

const open = (settings: JournalSettings = {}) => kit.open(directory, { clock, ...settings });

/** Segments of 64 KiB, about 180 bulky lines. */
const SMALL_SEGMENTS = { maxBytes: 512 * KiB };

async function reopened(journal: LineJournal, settings: JournalSettings = {}): Promise<LineJournal> {
  await kit.close(journal);
  return open(settings);
}

/** The journal after a kill at this moment, from a copy of the directory. The original continues. */
function crashed(settings: JournalSettings = {}): Promise<LineJournal> {
  directory = kit.copy(directory);
  return open(settings);
}

function cursorFiles(): string[] {
  return readdirSync(join(directory, 'cursors')).sort();
}

/** Writes one segment per list of lines. */
async function appendSegments(journal: LineJournal, ...segments: readonly (readonly string[])[]): Promise<void> {
  for (const lines of segments) {
    await appendStored(journal, ...lines);
    await endSegment(clock);
  }
}

/** Runs maintenance, which deletes expired segments. */
async function maintained(journal: LineJournal): Promise<void> {
  clock.advance(60_000);
  await stored(journal);
  await sleep(30);
}

describe('after a restart', () => {
  test('each reader resumes at its position, even within a record', async () => {
    let journal = await open();
    const [a, b] = [journal.reader('a'), journal.reader('b')];
    append(journal, ...numbered(0, 1500));
    await take(a, { lines: 1234, bytes: 1e9 });
    await take(a, { lines: 34, bytes: 1e9 });
    await take(b, { lines: 1, bytes: 1e9 });
    journal = await reopened(journal);
    append(journal, ...numbered(1500, 10));
    expect(journal.reader('a').pendingLines).toBe(1510 - 1268);
    expect(await drain(journal.reader('a'))).toEqual(numbered(1268, 242));
    expect(await drain(journal.reader('b'))).toEqual(numbered(1, 1509));
    expect(journal.reader('a').lostLines).toBe(0);
  });

  test('the backlog is kept', async () => {
    let journal = await open();
    const reader = journal.reader('a');
    append(journal, ...numbered(0, 10));
    reader.putOff();
    append(journal, ...numbered(10, 10));
    await take(reader, { lines: 3, bytes: 1e9 });
    await take(reader.backlog, { lines: 4, bytes: 1e9 });
    journal = await reopened(journal);
    const again = journal.reader('a');
    expect([again.pendingLines, again.backlog.pendingLines]).toEqual([7, 6]);
    append(journal, ...numbered(20, 5));
    expect(await drain(again.backlog)).toEqual(numbered(4, 6));
    expect(await drain(again)).toEqual(numbered(13, 12));
  });

  test('lines appended just before are kept', async () => {
    const journal = await open();
    journal.reader('a');
    append(journal, 'm v=1');
    const next = await reopened(journal);
    expect(await look(next.reader('a'))).toEqual(['m v=1']);
  });

  test('`from` is ignored for a known reader', async () => {
    let journal = await open();
    append(journal, 'm v=0');
    const reader = journal.reader('a');
    journal.reader('b');
    append(journal, ...numbered(1, 4));
    await take(reader, { lines: 2, bytes: 1e9 });
    journal = await reopened(journal);
    const [c, d] = [journal.reader('c', 'end'), journal.reader('d', 'beginning')];
    expect(await drain(journal.reader('a', 'beginning'))).toEqual(numbered(3, 2));
    expect(await drain(journal.reader('b', 'end'))).toEqual(numbered(1, 4));
    expect(await drain(c)).toEqual([]);
    expect(await drain(d)).toEqual(numbered(1, 4));
  });

  test('line numbers are not reused, even if everything was read and deleted', async () => {
    let journal = await open();
    await appendSegments(journal);
    const reader = journal.reader('a');
    await appendSegments(journal, numbered(0, 5));
    const before = (await reader.peek(ALL))!.end;
    await drain(reader);
    await maintained(journal);
    journal = await reopened(journal);
    append(journal, 'm v=5');
    expect((await journal.reader('a').peek(ALL))?.end).toBe(before + 1);
    expect(await drain(journal.reader('a'))).toEqual(['m v=5']);
  });

  test('any sequence of reader operations and restarts matches the model', async () => {
    await fc.assert(
      fc.asyncProperty(anyStepsOfSeveralLives, async (steps) => {
        directory = join(kit.folder(), 'journal');
        await play(await open(), steps, (journal) => reopened(journal));
        await kit.clear();
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});

describe('after a crash', () => {
  test('exactly the unacknowledged lines are read again', async () => {
    const journal = await open();
    const [a, b] = [journal.reader('a'), journal.reader('b')];
    append(journal, ...numbered(0, 100));
    await take(a, { lines: 60, bytes: 1e9 });
    await a.peek(ALL);
    await stored(journal);
    const next = await crashed();
    expect(await drain(next.reader('a'))).toEqual(numbered(60, 40));
    expect(await drain(next.reader('b'))).toEqual(numbered(0, 100));
    expect(b.pendingLines).toBe(100);
  });

  test('further crashes change nothing', async () => {
    let journal = await open();
    journal.reader('a');
    for (let life = 0; life < 4; life += 1) {
      append(journal, ...numbered(life * 10, 10));
      await stored(journal);
      await take(journal.reader('a'), { lines: 5, bytes: 1e9 });
      journal = await crashed();
      expect(journal.reader('a').pendingLines).toBe((life + 1) * 5);
    }
    expect(await drain(journal.reader('a'))).toEqual(numbered(20, 20));
  });

  test('at any moment, each reader resumes after the last acknowledged line', async () => {
    const anyAct = fc.oneof(
      { weight: 3, arbitrary: fc.record({ append: fc.integer({ min: 1, max: 1200 }) }) },
      { weight: 3, arbitrary: fc.record({ take: fc.constantFrom('a', 'b'), lines: fc.integer({ min: 1, max: 900 }) }) },
      { weight: 1, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 20 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyAct, { minLength: 1, maxLength: 25 }), async (acts) => {
        directory = join(kit.folder(), 'journal');
        const LATER = 1e6;
        const journal = await open();
        const readers = { a: journal.reader('a'), b: journal.reader('b') };
        const isSaved = (name: string) =>
          (statSync(join(directory, 'cursors', `${name}.cursor`), { throwIfNoEntry: false })?.size ?? 0) > 0;
        await until(() => isSaved('a') && isSaved('b'));
        await settle();
        const passed = { a: 0, b: 0 };
        let appended = 0;
        for (const act of acts) {
          if ('append' in act) {
            append(journal, ...numbered(appended, act.append));
            appended += act.append;
          } else if ('take' in act) {
            passed[act.take] += (await take(readers[act.take], { lines: act.lines, bytes: 1e9 })).length;
          } else await settle(act.wait);
        }
        const next = await crashed();
        const [a, b] = [next.reader('a'), next.reader('b')];
        append(next, ...numbered(LATER, 2));
        for (const [reader, from] of [
          [a, passed.a],
          [b, passed.b],
        ] as const) {
          const got = serials(await drain(reader));
          expect(got.slice(-2)).toEqual([LATER, LATER + 1]);
          const again = got.slice(0, -2);
          expect(again).toEqual(serials(numbered(again[0] ?? 0, again.length)));
          if (again.length > 0) expect(again[0]).toBe(from);
          // Lines only in memory are lost: uncounted if no cursor knows of them, counted if another reader had them.
          expect(from + again.length + reader.lostLines).toBeGreaterThanOrEqual(Math.max(passed.a, passed.b));
          expect(from + again.length + reader.lostLines).toBeLessThanOrEqual(appended);
        }
        await kit.clear();
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});

describe('a cursor', () => {
  test('that is released is kept, with its unread lines', async () => {
    let journal = await open();
    const reader = journal.reader('a');
    append(journal, ...numbered(0, 5));
    await take(reader, { lines: 2, bytes: 1e9 });
    journal.release('a');
    expect(journal.status.idle).toEqual(['a']);
    append(journal, ...numbered(5, 5));
    expect(journal.reader('a').pendingLines).toBe(8);
    expect(await take(journal.reader('a'), { lines: 1, bytes: 1e9 })).toEqual(numbered(2, 1));
    expect(journal.status.idle).toEqual([]);
    journal.release('a');
    journal = await reopened(journal);
    expect(journal.status.idle).toEqual(['a']);
    append(journal, ...numbered(10, 2));
    expect(await drain(journal.reader('a'))).toEqual(numbered(3, 9));
  });

  test('that is renamed resumes after a restart, and the old name is gone', async () => {
    let journal = await open();
    append(journal, 'm v=0');
    const reader = journal.reader('before');
    append(journal, ...numbered(0, 5));
    await take(reader, { lines: 2, bytes: 1e9 });
    journal.rename('before', 'after');
    await until(() => cursorFiles().join() === 'after.cursor');
    journal = await reopened(journal);
    expect(await drain(journal.reader('after'))).toEqual(numbered(2, 3));
    expect(journal.status.idle).toEqual([]);
  });

  test('that is forgotten is deleted', async () => {
    let journal = await open();
    journal.reader('a');
    journal.reader('b');
    append(journal, ...numbered(0, 5));
    await stored(journal);
    await until(() => cursorFiles().length === 2);
    journal.forget('a');
    await until(() => cursorFiles().length === 1);
    journal = await reopened(journal);
    expect(journal.status.idle).toEqual(['b']);
    expect(journal.reader('a').pendingLines).toBe(0);
  });

  test('that is forgotten and reopened at once is kept from then on', async () => {
    for (let round = 0; round < 20; round += 1) {
      let journal = await open();
      const old = journal.reader('a');
      append(journal, ...numbered(0, 5));
      await stored(journal);
      void old.acknowledge((await old.peek(ALL))!.end - 1);
      journal.forget('a');
      await settle(round % 5);
      const reader = journal.reader('a');
      expect(reader.pendingLines).toBe(0);
      append(journal, ...numbered(5, 5));
      await take(reader, { lines: 1, bytes: 1e9 });
      journal = await reopened(journal);
      expect(await drain(journal.reader('a'))).toEqual(numbered(6, 4));
      journal.forget('a');
      await kit.close(journal);
    }
  });

  test('that is released and reopened at once resumes, also after a restart', async () => {
    for (let round = 0; round < 20; round += 1) {
      let journal = await open();
      const old = journal.reader('a');
      append(journal, ...numbered(0, 6));
      const first = await old.peek({ lines: 2, bytes: 1e9 });
      await settle(round % 5);
      void old.acknowledge(first!.end);
      journal.release('a');
      expect(await take(journal.reader('a'), { lines: 3, bytes: 1e9 })).toEqual(numbered(2, 3));
      journal = await reopened(journal);
      expect(await look(journal.reader('a'))).toEqual(numbered(5, 1));
      journal.forget('a');
      await kit.close(journal);
    }
  });

  test('is not moved by a late acknowledgement of its previous reader', async () => {
    let journal = await open();
    const old = journal.reader('a');
    append(journal, ...numbered(0, 6));
    const first = await old.peek({ lines: 2, bytes: 1e9 });
    journal.release('a');
    await take(journal.reader('a'), { lines: 4, bytes: 1e9 });
    await expect(old.acknowledge(first!.end)).resolves.toBeUndefined();
    journal.forget('b');
    journal = await reopened(journal);
    expect(await look(journal.reader('a'))).toEqual(numbered(4, 2));
    const forgotten = journal.reader('a');
    const next = await forgotten.peek(ALL);
    journal.forget('a');
    await forgotten.acknowledge(next!.end);
    journal = await reopened(journal);
    expect(journal.status.idle).toEqual([]);
  });

  test('that is forgotten just before close does not come back', async () => {
    let journal = await open();
    journal.reader('a');
    append(journal, 'm v=1');
    await stored(journal);
    journal.forget('a');
    journal = await reopened(journal);
    expect(journal.status.idle).toEqual([]);
  });

  test('keeps lines without a reader, until its file is removed from outside', async () => {
    let journal = await open();
    journal.reader('a');
    await appendSegments(journal, numbered(0, 5), numbered(5, 5), numbered(10, 5));
    journal = await reopened(journal);
    journal.reader('b');
    await appendSegments(journal, numbered(15, 5));
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(4);
    await drain(journal.reader('b'));
    rmSync(join(directory, 'cursors', 'a.cursor'));
    await maintained(journal);
    await until(() => segmentsIn(directory).length === 0);
    expect(journal.status.idle).toEqual([]);
  });
});

describe('a segment', () => {
  test('is named after its first line, and the next one continues', async () => {
    const journal = await open(SMALL_SEGMENTS);
    const reader = journal.reader('a');
    for (let from = 0; from < 600; from += 60) await appendStored(journal, ...bulky(from, 60));
    const names = segmentsIn(directory);
    expect(names.length).toBeGreaterThan(2);
    expect(names[0]).toBe('0000000000000000.v1.seg');
    const bases = names.map((name) => Number.parseInt(name, 10));
    expect(bases.every((base) => base % 60 === 0)).toBe(true);
    expect(journal.status.segments).toBe(names.length);
    const sizes = names.map((name) => statSync(join(directory, name)).size);
    expect(journal.status.diskBytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(Math.max(...sizes)).toBeLessThan(100 * KiB);
    expect(serials(await drain(reader))).toEqual(serials(bulky(0, 600)));
  });

  test('is not readable by other users', async () => {
    const journal = await open();
    journal.reader('a');
    await appendStored(journal, 'm v=1');
    await until(() => cursorFiles().length === 1);
    expect(statSync(directory).mode & 0o777).toBe(0o750);
    expect(statSync(join(directory, segmentsIn(directory)[0]!)).mode & 0o137).toBe(0);
    expect(statSync(join(directory, 'cursors', 'a.cursor')).mode & 0o137).toBe(0);
  });

  test('is deleted only when all cursors have passed it', async () => {
    const journal = await open();
    const [a, b] = [journal.reader('a'), journal.reader('b')];
    journal.reader('c');
    await appendSegments(journal, numbered(0, 5), numbered(5, 5), numbered(10, 5));
    journal.release('c');
    await drain(a);
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(3);
    const c = journal.reader('c');
    await take(c, { lines: 11, bytes: 1e9 });
    await take(b, { lines: 4, bytes: 1e9 });
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(3);
    await take(b, { lines: 1, bytes: 1e9 });
    await until(() => segmentsIn(directory).length === 2);
    await take(b, { lines: 4, bytes: 1e9 });
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(2);
    await drain(b);
    await drain(c);
    await until(() => segmentsIn(directory).length === 0);
    await appendStored(journal, 'm v=15');
    expect(await drain(b)).toEqual(['m v=15']);
    expect(b.lostLines).toBe(0);
  });

  test('is kept for a backlog', async () => {
    const journal = await open();
    const reader = journal.reader('a');
    await appendSegments(journal, numbered(0, 5), numbered(5, 5));
    reader.putOff();
    await appendSegments(journal, numbered(10, 5));
    expect(await drain(reader)).toEqual(numbered(10, 5));
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(3);
    expect(await drain(reader.backlog)).toEqual(numbered(0, 10));
    await until(() => segmentsIn(directory).length === 0);
  });

  test('is kept for `keep` after all cursors have passed it', async () => {
    const journal = await open({ keep: 5 * HOUR });
    const reader = journal.reader('a');
    await appendSegments(journal, numbered(0, 5), numbered(5, 5));
    await drain(reader);
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(2);
    expect(await drain(journal.reader('replay', 'beginning'))).toEqual(numbered(0, 10));
    clock.advance(2.5 * HOUR);
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(2);
    clock.advance(HOUR);
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(1);
    clock.advance(HOUR);
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(0);
    expect(reader.lostLines).toBe(0);
  });

  test('is deleted when it is older than `maxAge`, and unread lines are counted as lost', async () => {
    const journal = await open({ maxAge: 6 * HOUR });
    const [dead, late] = [journal.reader('dead'), journal.reader('late')];
    await appendSegments(journal, numbered(0, 5), numbered(5, 5), numbered(10, 5));
    await take(late, { lines: 3, bytes: 1e9 });
    clock.advance(2.5 * HOUR);
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(3);
    clock.advance(HOUR);
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(2);
    expect([dead.lostLines, late.lostLines]).toEqual([5, 2]);
    expect(await drain(late)).toEqual(numbered(5, 10));
    expect(await look(dead)).toEqual(numbered(5, 10));
  });

  test('keeps its age across a restart', async () => {
    let journal = await open();
    journal.reader('a');
    await appendSegments(journal, numbered(0, 5), numbered(5, 5));
    await kit.close(journal);
    const [old, young] = segmentsIn(directory).map((name) => join(directory, name));
    utimesSync(old!, clock.now() / 1000 - 7 * 3600, clock.now() / 1000 - 7 * 3600);
    utimesSync(young!, clock.now() / 1000 - 5 * 3600, clock.now() / 1000 - 5 * 3600);
    journal = await open({ maxAge: 6 * HOUR });
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(1);
    expect(await drain(journal.reader('a'))).toEqual(numbered(5, 5));
    expect(journal.reader('a').lostLines).toBe(5);
  });
});

describe('when the system clock is set', () => {
  test.each([
    ['forward', 30 * HOUR],
    ['backward', -30 * HOUR],
  ])('%s by hours, nothing is deleted or reordered', async (_, step) => {
    let journal = await open({ maxAge: 24 * HOUR, keep: 10 * HOUR });
    const [slow, fast] = [journal.reader('slow'), journal.reader('fast')];
    await appendSegments(journal, numbered(0, 5));
    await drain(fast);
    clock.step(step);
    await maintained(journal);
    await appendSegments(journal, numbered(5, 5));
    clock.step(-2 * step);
    await maintained(journal);
    await appendSegments(journal, numbered(10, 5));
    await maintained(journal);
    expect(segmentsIn(directory)).toHaveLength(3);
    expect(await look(slow)).toEqual(numbered(0, 15));
    journal = await reopened(journal, { maxAge: 24 * HOUR, keep: 10 * HOUR });
    clock.step(2 * step);
    append(journal, ...numbered(15, 5));
    await maintained(journal);
    expect(await drain(journal.reader('slow'))).toEqual(numbered(0, 20));
    expect(await drain(journal.reader('fast'))).toEqual(numbered(5, 15));
    expect(journal.reader('slow').lostLines).toBe(0);
  });

  test('to a time before the segments were written, they count as new', async () => {
    let journal = await open();
    journal.reader('a');
    await appendSegments(journal, numbered(0, 5));
    await kit.close(journal);
    const later = clock.now() / 1000 + 1000 * 3600;
    for (const name of segmentsIn(directory)) utimesSync(join(directory, name), later, later);
    journal = await open({ maxAge: 6 * HOUR });
    await maintained(journal);
    expect(await drain(journal.reader('a'))).toEqual(numbered(0, 5));
  });
});

describe('reading from disk', () => {
  test('continues in memory, for readers at any distance, while more is appended', async () => {
    const journal = await open({ maxBytes: 1e9 });
    const [far, near, newest] = [journal.reader('far'), journal.reader('near'), journal.reader('newest')];
    const got: Record<string, number[]> = { far: [], near: [], newest: [] };
    const lines = 12_000;
    for (let from = 0; from < lines; from += 500) {
      append(journal, ...bulky(from, 500));
      got['newest']!.push(...serials(await drain(newest)));
      if (from > 4000) got['near']!.push(...serials(await take(near, { lines: 530, bytes: 1e9 })));
      if (from > 8000) got['far']!.push(...serials(await take(far, { lines: 99, bytes: 40 * KiB })));
    }
    expect(journal.status.diskBytes).toBeGreaterThan(2 * MiB);
    got['near']!.push(...serials(await drain(near, { lines: 5000, bytes: 4 * MiB })));
    got['far']!.push(...serials(await drain(far, { lines: 5000, bytes: 4 * MiB })));
    const all = Array.from({ length: lines }, (_, index) => index);
    for (const name of ['newest', 'near', 'far']) expect(got[name]).toEqual(all);
    expect([far.lostLines, near.lostLines, newest.lostLines]).toEqual([0, 0, 0]);
  }, 60_000);

  test('handles a record larger than a read chunk', async () => {
    let journal = await open();
    journal.reader('a');
    const lines = bulky(0, 6000);
    append(journal, 'm first=1');
    journal.seal();
    append(journal, ...lines);
    append(journal, ...bulky(6000, 10));
    journal = await reopened(journal);
    expect(journal.status.diskBytes).toBeGreaterThan(2 * MiB);
    const reader = journal.reader('a');
    expect(await take(reader, { lines: 1, bytes: 1e9 })).toEqual(['m first=1']);
    const got = await drain(reader, { lines: 1000, bytes: 1e9 });
    expect(serials(got)).toEqual(serials(bulky(0, 6010)));
    expect(got[5999]).toBe(lines[5999]);
  });

  test('is skipped for a reader that keeps up', async () => {
    const journal = await open();
    const reader = journal.reader('a');
    for (let round = 0; round < 10; round += 1) {
      await appendStored(journal, ...numbered(round * 10, 10));
      expect(await drain(reader)).toEqual(numbered(round * 10, 10));
    }
    expect(reader.pendingBytes).toBe(0);
    const segment = join(directory, segmentsIn(directory)[0]!);
    expect(readFileSync(segment).subarray(0, 4).toString()).toBe('HDJ1');
  });
});
