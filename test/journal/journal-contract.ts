/** The contract of every journal, on disk or in memory. */
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { LineJournal } from '../../src/journal/line-journal.ts';

import {
  ALL,
  append,
  bulky,
  drain,
  drainBoth,
  JournalKit,
  KiB,
  look,
  numbered,
  serials,
  take,
  textsOf,
  until,
  type JournalSettings,
} from './journal-kit.ts';
import { anySteps, play } from './journal-model.ts';

export interface JournalForm {
  open(kit: JournalKit, settings?: JournalSettings): Promise<LineJournal>;
  /** Settings that bound the journal to about so many bytes. */
  bounded(bytes: number): JournalSettings;
  /** Resolves when bounds have been enforced, if that happens in the background. */
  settled(journal: LineJournal): Promise<void>;
  /** Size in bytes. */
  size(journal: LineJournal): number;
}

export function journalContract(name: string, form: JournalForm): void {
  const kit = new JournalKit();
  const open = (settings?: JournalSettings) => form.open(kit, settings);
  afterEach(() => kit.clear());

  describe(`readers of ${name}`, () => {
    test('each get all lines, in order, at their own pace', async () => {
      const journal = await open();
      const [a, b] = [journal.reader('a'), journal.reader('b')];
      append(journal, 'm v=1', 'm v=2');
      expect(await take(a)).toEqual(['m v=1', 'm v=2']);
      append(journal, 'm v=3');
      expect(await take(a)).toEqual(['m v=3']);
      expect(await drain(b)).toEqual(['m v=1', 'm v=2', 'm v=3']);
      expect(await take(a)).toEqual([]);
    });

    test('get the same lines again until they acknowledge them', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, 'm v=1');
      expect(await look(reader)).toEqual(['m v=1']);
      append(journal, 'm v=2');
      expect(await look(reader, { lines: 1, bytes: 1e9 })).toEqual(['m v=1']);
      expect(reader.pendingLines).toBe(2);
    });

    test('start at the end if new, and are the same for the same name', async () => {
      const journal = await open();
      const first = journal.reader('a');
      append(journal, 'm v=1');
      const late = journal.reader('late');
      expect(late.pendingLines).toBe(0);
      expect(await look(late)).toEqual([]);
      expect(journal.reader('a')).toBe(first);
      append(journal, 'm v=2');
      expect(await drain(late)).toEqual(['m v=2']);
    });

    test('start at the oldest line with `beginning`', async () => {
      const journal = await open();
      journal.reader('a');
      append(journal, 'm v=1');
      expect(await drain(journal.reader('b', 'beginning'))).toEqual(['m v=1']);
      append(journal, 'm v=2');
      const late = journal.reader('late', 'beginning');
      expect(late.pendingLines).toBe(2);
      expect(await drain(late)).toEqual(['m v=1', 'm v=2']);
    });

    test('know the number of pending lines, including those just appended', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, ...numbered(0, 2500));
      expect(reader.pendingLines).toBe(2500);
      await take(reader, { lines: 700, bytes: 1e9 });
      expect(reader.pendingLines).toBe(1800);
      append(journal, 'm v=2500');
      expect(reader.pendingLines).toBe(1801);
      await drain(reader);
      expect(reader.pendingLines).toBe(0);
    });

    test('may acknowledge part of a batch', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, ...numbered(0, 10));
      const next = await reader.peek(ALL);
      await reader.acknowledge(next!.end - 4);
      expect(await look(reader)).toEqual(numbered(6, 4));
    });

    test('are not moved back by a late acknowledgement', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, ...numbered(0, 10));
      const early = await reader.peek({ lines: 3, bytes: 1e9 });
      await drain(reader);
      await expect(reader.acknowledge(early!.end)).resolves.toBeUndefined();
      expect(reader.pendingLines).toBe(0);
    });

    test('lose their unread lines when forgotten, and start again at the end', async () => {
      const journal = await open();
      const [kept, gone] = [journal.reader('kept'), journal.reader('gone')];
      append(journal, 'm v=1');
      await take(kept);
      expect(gone.pendingLines).toBe(1);
      journal.forget('gone');
      expect(journal.reader('gone').pendingLines).toBe(0);
    });

    test('keep no lines after they were forgotten', async () => {
      const journal = await open(form.bounded(512 * KiB));
      const [kept] = [journal.reader('kept'), journal.reader('gone')];
      for (let from = 0; from < 600; from += 100) {
        append(journal, ...bulky(from, 100));
        await form.settled(journal);
      }
      await drain(kept);
      expect(form.size(journal)).toBeGreaterThan(200 * KiB);
      journal.forget('gone');
      await until(() => form.size(journal) < 100 * KiB);
    });

    test('resume under another name when renamed, unless that name is taken', async () => {
      const journal = await open();
      const [before, other] = [journal.reader('before'), journal.reader('other')];
      append(journal, ...numbered(0, 5));
      await take(before, { lines: 2, bytes: 1e9 });
      journal.rename('before', 'after');
      append(journal, ...numbered(5, 1));
      expect(await drain(journal.reader('after'))).toEqual(numbered(2, 4));
      journal.rename('after', 'other');
      expect(await drain(other)).toEqual(numbered(0, 6));
    });

    test('may be forgotten even if they do not exist', async () => {
      const journal = await open();
      journal.forget('nobody');
      journal.release('nobody');
      expect(journal.reader('nobody').pendingLines).toBe(0);
    });
  });

  describe(`a batch of ${name}`, () => {
    test('never exceeds the line limit, even within a record', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, ...numbered(0, 1000));
      const sizes: number[] = [];
      const lines: string[] = [];
      for (let batch = await take(reader, { lines: 300, bytes: 1e9 }); batch.length > 0;) {
        sizes.push(batch.length);
        lines.push(...batch);
        batch = await take(reader, { lines: 300, bytes: 1e9 });
      }
      expect(sizes).toEqual([300, 300, 300, 100]);
      expect(lines).toEqual(numbered(0, 1000));
    });

    test('joins whole records up to the limit', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, ...numbered(0, 1000));
      append(journal, ...numbered(1000, 1000));
      append(journal, ...numbered(2000, 1000));
      expect(await take(reader, { lines: 2500, bytes: 1e9 })).toEqual(numbered(0, 2000));
      expect(await take(reader, { lines: 2500, bytes: 1e9 })).toEqual(numbered(2000, 1000));
    });

    test('never exceeds the byte limit, whatever the length of the lines', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      const lines = numbered(0, 200).map(
        (line, index) => `${line},s="${'x'.repeat(index % 17 === 0 ? 900 : index % 5)}"`,
      );
      append(journal, ...lines);
      const limits = { lines: 1e9, bytes: 1000 };
      const got: string[] = [];
      for (let next = await reader.peek(limits); next !== undefined; next = await reader.peek(limits)) {
        expect(next.batch.lines.length).toBeLessThanOrEqual(1000);
        got.push(...textsOf(next));
        await reader.acknowledge(next.end);
      }
      expect(got).toEqual(lines);
    });

    test('has one line if that alone exceeds the limit', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, 'm v=1,s="long enough"', 'm v=2', 'm v=3');
      expect(await take(reader, { lines: 9, bytes: 7 })).toEqual(['m v=1,s="long enough"']);
      expect(await take(reader, { lines: 9, bytes: 7 })).toEqual(['m v=2']);
      expect(await take(reader, { lines: 9, bytes: 1 })).toEqual(['m v=3']);
    });

    test('does not split lines whose strings contain newlines', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, 'm s="a\nb"', 'm s="c\n\nd"', 'm v=3');
      expect(await take(reader, { lines: 1, bytes: 1e9 })).toEqual(['m s="a\nb"']);
      expect(await take(reader, { lines: 1, bytes: 1e9 })).toEqual(['m s="c\n\nd"']);
      expect(await take(reader, { lines: 1, bytes: 1e9 })).toEqual(['m v=3']);
    });
  });

  describe(`a backlog of ${name}`, () => {
    test('waits while reading continues with new lines', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, 'm v=1', 'm v=2');
      reader.putOff();
      expect([reader.pendingLines, reader.backlog.pendingLines]).toEqual([0, 2]);
      expect(await look(reader)).toEqual([]);
      append(journal, 'm v=3');
      expect(await drain(reader)).toEqual(['m v=3']);
      expect(await drain(reader.backlog)).toEqual(['m v=1', 'm v=2']);
      expect([reader.pendingLines, reader.backlog.pendingLines]).toEqual([0, 0]);
    });

    test('keeps its order, and ends where it was set aside', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, ...numbered(0, 1700));
      await take(reader, { lines: 100, bytes: 1e9 });
      reader.putOff();
      append(journal, ...numbered(1700, 300));
      expect(await drain(reader.backlog, { lines: 450, bytes: 1e9 })).toEqual(numbered(100, 1600));
      expect(await drain(reader)).toEqual(numbered(1700, 300));
    });

    test('does not grow until it is empty', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, 'm v=1');
      reader.putOff();
      append(journal, 'm v=2');
      reader.putOff();
      expect([reader.pendingLines, reader.backlog.pendingLines]).toEqual([1, 1]);
      expect(await drain(reader.backlog)).toEqual(['m v=1']);
      reader.putOff();
      expect([reader.pendingLines, reader.backlog.pendingLines]).toEqual([0, 1]);
      expect(await drain(reader.backlog)).toEqual(['m v=2']);
    });

    test('is not acknowledged by a batch that was read before', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, ...numbered(0, 5));
      const inFlight = await reader.peek({ lines: 3, bytes: 1e9 });
      reader.putOff();
      await reader.acknowledge(inFlight!.end);
      append(journal, ...numbered(5, 1));
      expect(await drain(reader)).toEqual(numbered(5, 1));
      expect(await drain(reader.backlog)).toEqual(numbered(0, 5));
    });

    test('is included in the pending bytes', async () => {
      const journal = await open();
      const reader = journal.reader('a');
      append(journal, ...bulky(0, 20));
      expect(reader.pendingLines).toBe(20);
      reader.putOff();
      expect(reader.pendingBytes).toBeGreaterThan(1000);
      await form.settled(journal);
      expect(reader.pendingBytes).toBeGreaterThan(1000);
      await drain(reader.backlog);
      expect(reader.pendingBytes).toBe(0);
    });
  });

  describe(`a bound of ${name}`, () => {
    test('counts dropped lines as lost only for readers that had not read them', async () => {
      const journal = await open(form.bounded(256 * KiB));
      const [dead, alive] = [journal.reader('dead'), journal.reader('alive')];
      const lines = bulky(0, 2000);
      for (let from = 0; from < lines.length; from += 50) {
        append(journal, ...lines.slice(from, from + 50));
        expect(serials(await drain(alive))).toEqual(serials(lines.slice(from, from + 50)));
        await form.settled(journal);
      }
      await until(() => form.size(journal) <= 256 * KiB);
      expect(alive.lostLines).toBe(0);
      expect(dead.lostLines).toBeGreaterThan(500);
      expect(dead.pendingLines).toBe(2000 - dead.lostLines);
      expect(form.size(journal)).toBeGreaterThan(150 * KiB);
      const { pendingLines, lostLines } = dead;
      expect(serials(await drain(dead))).toEqual(serials(lines.slice(-pendingLines)));
      expect(dead.lostLines).toBe(lostLines);
    });

    test('counts losses from a backlog and from the lines after it once each', async () => {
      const journal = await open(form.bounded(256 * KiB));
      const reader = journal.reader('a');
      const lines = bulky(0, 2000);
      append(journal, ...lines.slice(0, 200));
      reader.putOff();
      for (let from = 200; from < lines.length; from += 50) {
        append(journal, ...lines.slice(from, from + 50));
        await form.settled(journal);
      }
      await until(() => form.size(journal) <= 256 * KiB);
      expect(reader.backlog.pendingLines).toBe(0);
      expect(reader.lostLines + reader.pendingLines).toBe(2000);
      const { pendingLines } = reader;
      expect(serials(await drainBoth(reader))).toEqual(serials(lines.slice(-pendingLines)));
      expect(reader.lostLines).toBe(2000 - pendingLines);
    });

    test('does not move a reader back when dropped lines are acknowledged', async () => {
      const journal = await open(form.bounded(128 * KiB));
      const reader = journal.reader('a');
      const lines = bulky(0, 1000);
      append(journal, ...lines.slice(0, 50));
      const inFlight = await reader.peek(ALL);
      for (let from = 50; from < lines.length; from += 50) {
        append(journal, ...lines.slice(from, from + 50));
        await form.settled(journal);
      }
      await until(() => form.size(journal) <= 128 * KiB);
      const { pendingLines } = reader;
      expect(pendingLines).toBeLessThan(950);
      await reader.acknowledge(inFlight!.end);
      expect(reader.pendingLines).toBe(pendingLines);
      expect(serials(await drain(reader))).toEqual(serials(lines.slice(-pendingLines)));
    });
  });

  test(`any sequence of operations of readers of ${name} matches the model`, async () => {
    await fc.assert(
      fc.asyncProperty(anySteps, async (steps) => {
        const journal = await open();
        await play(journal, steps);
        await kit.clear();
      }),
      { numRuns: 150 },
    );
  }, 60_000);
}
