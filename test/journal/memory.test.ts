import { describe, expect, test } from '@jest/globals';

import type { JournalReader } from '../../src/journal/journal.ts';
import { MemoryJournal } from '../../src/journal/memory.ts';

const ALL = { lines: 1e9, bytes: 1e9 };

function append(journal: MemoryJournal, ...lines: readonly string[]): void {
  journal.append(Buffer.from(lines.map((line) => `${line}\n`).join('')), lines.length);
}

async function textOf(reader: JournalReader, limits = ALL): Promise<string[]> {
  const next = await reader.peek(limits);
  return next === undefined ? [] : [...next.batch.texts()];
}

async function take(reader: JournalReader, limits = ALL): Promise<string[]> {
  const next = await reader.peek(limits);
  if (next === undefined) return [];
  reader.acknowledge(next.end);
  return [...next.batch.texts()];
}

describe('the journal in memory', () => {
  test('gives each reader everything, in order, at its own pace', async () => {
    const journal = new MemoryJournal({ maxBytes: 1e6 });
    const [a, b] = [journal.reader('a'), journal.reader('b')];
    append(journal, 'm v=1', 'm v=2');
    expect(await take(a)).toEqual(['m v=1', 'm v=2']);
    append(journal, 'm v=3');
    expect(await take(a)).toEqual(['m v=3']);
    expect(await take(b)).toEqual(['m v=1', 'm v=2', 'm v=3']);
    expect(await take(a)).toEqual([]);
  });

  test('gives the same lines again until they are acknowledged', async () => {
    const journal = new MemoryJournal({ maxBytes: 1e6 });
    const reader = journal.reader('a');
    append(journal, 'm v=1');
    expect(await textOf(reader)).toEqual(['m v=1']);
    append(journal, 'm v=2');
    expect(await textOf(reader, { lines: 1, bytes: 1e9 })).toEqual(['m v=1']);
    expect(reader.pendingLines).toBe(2);
  });

  test('keeps to the limits of a batch, but gives at least one record', async () => {
    const journal = new MemoryJournal({ maxBytes: 1e6 });
    const reader = journal.reader('a');
    append(journal, 'm v=1', 'm v=2', 'm v=3');
    append(journal, 'm v=4');
    append(journal, 'm v=5');
    expect(await take(reader, { lines: 2, bytes: 1e9 })).toEqual(['m v=1', 'm v=2', 'm v=3']);
    expect(await take(reader, { lines: 9, bytes: 7 })).toEqual(['m v=4']);
  });

  test('a new reader starts at the end, and the same name is the same reader', async () => {
    const journal = new MemoryJournal({ maxBytes: 1e6 });
    const first = journal.reader('a');
    append(journal, 'm v=1');
    expect(await textOf(journal.reader('late'))).toEqual([]);
    expect(journal.reader('a')).toBe(first);
  });

  test('when the bound is reached only readers that had not passed lose lines', async () => {
    const journal = new MemoryJournal({ maxBytes: 18 });
    const [dead, alive] = [journal.reader('dead'), journal.reader('alive')];
    for (let value = 1; value <= 9; value += 1) {
      append(journal, `m v=${value}`);
      expect(await take(alive)).toEqual([`m v=${value}`]);
    }
    expect(alive.lostLines).toBe(0);
    expect(dead.lostLines).toBe(6);
    expect(dead.pendingLines).toBe(3);
    expect(dead.pendingBytes).toBe(18);
    expect(await take(dead)).toEqual(['m v=7', 'm v=8', 'm v=9']);
  });

  test('an acknowledgement for lines that were given up meanwhile moves nothing back', async () => {
    const journal = new MemoryJournal({ maxBytes: 12 });
    const reader = journal.reader('a');
    append(journal, 'm v=1');
    const inFlight = await reader.peek(ALL);
    append(journal, 'm v=2');
    append(journal, 'm v=3');
    append(journal, 'm v=4');
    reader.acknowledge(inFlight!.end);
    expect(await take(reader)).toEqual(['m v=3', 'm v=4']);
  });

  test('a forgotten reader holds nothing back', async () => {
    const journal = new MemoryJournal({ maxBytes: 1e6 });
    const [kept, gone] = [journal.reader('kept'), journal.reader('gone')];
    append(journal, 'm v=1');
    await take(kept);
    expect(gone.pendingLines).toBe(1);
    journal.forget('gone');
    expect(journal.reader('gone').pendingLines).toBe(0);
  });

  test('readers at the same place share one batch, so that it is compressed once', async () => {
    const journal = new MemoryJournal({ maxBytes: 1e6 });
    const [a, b] = [journal.reader('a'), journal.reader('b')];
    append(journal, 'm v=1');
    expect((await a.peek(ALL))?.batch).toBe((await b.peek(ALL))?.batch);
  });
});
