/** Segments are rolled while somebody reads at their end. */
import { randomBytes } from 'node:crypto';

import { afterEach, expect, test } from '@jest/globals';

import type { JournalRecord } from '../../src/journal/record.ts';
import { SegmentStore } from '../../src/journal/segment-store.ts';
import { packLines } from '../../src/metric/packed-lines.ts';
import { manualClock } from '../../src/testing.ts';

import { append, bulky, drain, JournalKit, KiB, serials } from './journal-kit.ts';

const kit = new JournalKit();
afterEach(() => kit.clear());

async function record(first: number, bytes: number): Promise<JournalRecord> {
  const line = Buffer.from(`m x="${randomBytes(bytes).toString('base64')}"\n`);
  return { first, time: 0, packed: await packLines(line, 1) };
}

test('a read at the end finds what was appended next, though another segment was begun meanwhile', async () => {
  const options = { directory: kit.folder(), sync: 'none', maxBytes: 512 * KiB, maxAge: 1e12, keep: 0 } as const;
  const store = new SegmentStore({ ...options, clock: manualClock(), onSyncFailed: () => undefined });
  await store.prepare();
  let next = 0;
  const append = async (bytes: number) => {
    const [place] = await store.append([await record(next, bytes)]);
    next += 1;
    return place!;
  };
  for (let trial = 0; trial < 300; trial += 1) {
    await append(100);
    const end = (await store.read((await store.locate(next - 1))!)).place!;
    const expected = next;
    // The first fills the segment, the second begins another.
    const records = [await record(next, 70 * KiB), await record(next + 1, 100)];
    next += records.length;
    const reading = store.read(end);
    for (const each of records) await store.append([each]);
    const read = await reading;
    const found = read.records.length > 0 ? read : await store.read(read.place!);
    expect(found.records[0]?.first).toBe(expected);
  }
  await store.close();
});

test('a read closes the group of lines that is open; the record that this evicts from memory is read from the disk', async () => {
  const journal = await kit.open(kit.folder());
  const reader = journal.reader('out');
  // The newest MiB stays in memory.
  for (let from = 0; from < 2000; from += 400) {
    append(journal, ...bulky(from, 400));
    await journal.flush();
  }
  append(journal, ...bulky(2000, 400));
  expect(serials(await drain(reader, { lines: 300, bytes: 1e9 }))).toEqual(Array.from({ length: 2400 }, (_, n) => n));
  expect(reader.lostLines).toBe(0);
});
