/** `written`: what a listener waits for before it confirms. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { manualClock } from '../../src/testing.ts';

import { append, bulky, endSegment, JournalKit, KiB, segmentBytes, until } from './journal-kit.ts';

const kit = new JournalKit();
let directory: string;
let clock: ReturnType<typeof manualClock>;
beforeEach(() => {
  directory = join(kit.folder(), 'journal');
  clock = manualClock();
});
afterEach(() => kit.clear());

/** Whether the promise has settled after a moment. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const later = new Promise((resolve) => setTimeout(resolve, 50, 'later'));
  return (await Promise.race([promise.then(() => 'done'), later])) === 'later';
}

test('resolves when the lines are in the segment on disk, and not before the group is closed', async () => {
  const journal = await kit.open(directory, { clock });
  journal.reader('out');
  await journal.written();
  append(journal, 'first v=1');
  await journal.written();
  append(journal, 'a v=1', 'b v=2');
  const written = journal.written();
  expect(await isPending(written)).toBe(true);
  clock.advance(100);
  await written;
  expect(segmentBytes(directory).reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(0);
  const copy = await kit.open(kit.copy(directory), { clock });
  expect(copy.reader('out').pendingLines).toBe(3);
  await journal.written();
});

test('in memory, or without a reader, resolves at once', async () => {
  const memory = kit.inMemory({ clock });
  memory.reader('out');
  append(memory, 'a v=1');
  await memory.written();
  const unread = await kit.open(directory, { clock });
  append(unread, 'a v=1');
  await unread.written();
});

test('rejects while the disk cannot be written, and resolves when it can again', async () => {
  const journal = await kit.open(directory, { clock });
  journal.reader('out');
  append(journal, 'a v=1');
  await journal.written();
  // The next segment cannot be created.
  await endSegment(clock);
  await sleep(20);
  const aside = `${directory}.aside`;
  renameSync(directory, aside);
  writeFileSync(directory, 'in the way');
  append(journal, 'b v=2');
  clock.advance(100);
  await expect(journal.written()).rejects.toThrow('The journal cannot be written');
  await until(() => journal.status.isDegraded, 'the disk fails');
  await expect(journal.written()).rejects.toThrow('The journal cannot be written');
  rmSync(directory);
  renameSync(aside, directory);
  clock.advance(5000);
  await until(() => !journal.status.isDegraded, 'the disk works');
  await journal.written();
});

test('a journal is full when unread lines leave little of its bounds, and no more when they are read', async () => {
  const journal = await kit.open(directory, { clock, maxBytes: 100 * KiB });
  const reader = journal.reader('out');
  let isFull = false;
  for (let from = 0; from < 1000 && !isFull; from += 20) {
    append(journal, ...bulky(from, 20));
    journal.seal();
    await journal.written();
    ({ isFull } = journal.status);
  }
  expect(isFull).toBe(true);
  expect(reader.lostLines).toBe(0);
  for (let next = await reader.peek({ lines: 1e9, bytes: 1e9 }); next !== undefined;) {
    await reader.acknowledge(next.end);
    next = await reader.peek({ lines: 1e9, bytes: 1e9 });
  }
  await until(() => !journal.status.isFull, 'there is room again');
});

test('lines that are not on disk yet count: a journal is full before they would push out unread ones', async () => {
  const journal = await kit.open(directory, { clock, maxBytes: 100 * KiB });
  const reader = journal.reader('out');
  for (let from = 0; from < 1000 && !journal.status.isFull; from += 20) append(journal, ...bulky(from, 20));
  expect(journal.status.isFull).toBe(true);
  journal.seal();
  await journal.written();
  expect(reader.lostLines).toBe(0);
});

test('a stop settles what waits', async () => {
  const journal = await kit.open(directory, { clock });
  journal.reader('out');
  append(journal, 'first v=1');
  append(journal, 'a v=1');
  const written = journal.written();
  await kit.close(journal);
  await written;
});
