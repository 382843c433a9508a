import { join } from 'node:path';

import { afterEach, describe, expect, test } from '@jest/globals';

import type { OutputEntry } from '../../src/deliver/entry.ts';
import { LineJournal } from '../../src/journal/line-journal.ts';
import type { Output } from '../../src/plugin/index.ts';
import { manualClock, silentLog } from '../../src/testing.ts';
import { append, bulky, JournalKit, KiB, numbered, serials, stored, until } from '../journal/journal-kit.ts';
import { pass } from '../support/kit/runner.ts';
import { settle } from '../support/kit/settle.ts';

import { clearFolders, fakeDestination, startOutput, switchable } from './output-kit.ts';

const kit = new JournalKit();
afterEach(async () => {
  clearFolders();
  await kit.clear();
});

const LINES = bulky(0, 2000);
const lines = (from: number, count: number) => LINES.slice(from, from + count);

/** A batch is some 35 KiB compressed. */
const BATCH = 100;
const PACED = { batch_lines: BATCH, catch_up_rate: 20 * KiB } satisfies Partial<OutputEntry>;
const OLDEST_FIRST = { ...PACED, catch_up: 'oldest_first' } as const;
const NEWEST_FIRST = { ...PACED, catch_up: 'newest_first' } as const;

/** So slow that nothing of the backlog is sent after its first batch. */
const STANDSTILL = { catch_up_rate: 1 };

/** A journal in memory that holds lines an output has not sent. */
function backlog(count: number) {
  const clock = manualClock();
  const journal = LineJournal.inMemory({ memoryBytes: 1e9, clock, log: silentLog });
  journal.reader('fake_output');
  addBulky(journal, 0, count);
  return { clock, journal };
}

/** In groups that are small enough to be compressed at once: what takes real time would be late on a clock that is moved. */
function addBulky(journal: LineJournal, from: number, count: number): void {
  for (let done = 0; done < count; done += BATCH) {
    append(journal, ...lines(from + done, Math.min(BATCH, count - done)));
    journal.seal();
  }
}

async function started(output: Output, settings: Partial<OutputEntry>, held = backlog(0)) {
  const { runner, ...rest } = await startOutput(output, settings, held);
  const add = (from: number, count: number) => {
    addBulky(held.journal, from, count);
    runner.notify();
  };
  return { ...rest, add };
}

function about(told: readonly { readonly message: string; readonly meta: Readonly<Record<string, unknown>> }[]) {
  return told.filter(({ message }) => /catching up|caught up/i.test(message));
}

describe('oldest first', () => {
  test('a backlog is sent in its order, at the pace, and both ends are told', async () => {
    const { output, written, bytes } = fakeDestination();
    const held = backlog(1000);
    const { clock, told } = await started(output, OLDEST_FIRST, held);
    expect(about(told)).toEqual([{ message: 'Catching up', meta: { lines: 1000, order: 'oldest_first' } }]);
    let seconds = 0;
    for (; written.length < 1000 && seconds < 60; seconds += 1) {
      const sent = bytes.reduce((sum, each) => sum + each, 0);
      expect(sent).toBeLessThanOrEqual(PACED.catch_up_rate * (1 + seconds) + Math.max(...bytes));
      await pass(clock, 1000);
    }
    expect(written).toEqual(lines(0, 1000));
    const total = bytes.reduce((sum, each) => sum + each, 0);
    expect(seconds).toBeGreaterThanOrEqual((total - Math.max(...bytes)) / PACED.catch_up_rate - 2);
    expect(seconds).toBeLessThanOrEqual(total / PACED.catch_up_rate + 2);
    await pass(clock, 10_000);
    expect(about(told)).toEqual([
      expect.anything(),
      { message: 'Caught up', meta: { lines: 1000, duration: expect.stringMatching(/^\d+s$/) } },
    ]);
  });

  test('when it has caught up nothing is paced any more', async () => {
    const { output, writes } = fakeDestination();
    const { clock, add } = await started(output, OLDEST_FIRST, backlog(300));
    await pass(clock, 60_000);
    writes.length = 0;
    add(300, 1000);
    await settle();
    expect(writes).toEqual(Array(10).fill(BATCH));
  });

  test('a batch or less is nothing to tell of, and goes with the first flush', async () => {
    const { output, written } = fakeDestination();
    const { clock, log } = await started(output, { ...OLDEST_FIRST, ...STANDSTILL }, backlog(BATCH));
    await pass(clock, 1000);
    expect(written).toHaveLength(BATCH);
    expect(log.lines).toEqual([]);
  });

  test('what an outage leaves is paced from the first batch on that arrives', async () => {
    const destination = switchable();
    const { clock, told, add } = await started(destination.output, OLDEST_FIRST);
    destination.goAway();
    for (let from = 0; from < 1000; from += BATCH) {
      add(from, BATCH);
      await pass(clock, 1000);
    }
    await pass(clock, 60_000);
    destination.comeBack();
    for (let second = 0; second < 70 && destination.written.length === 0; second += 1) await pass(clock, 1000);
    expect(destination.written.length).toBeLessThanOrEqual(3 * BATCH);
    expect(about(told).map(({ message }) => message)).toEqual(['Catching up']);
    await pass(clock, 30_000);
    expect(destination.written).toEqual(lines(0, 1000));
    expect(about(told).map(({ message }) => message)).toEqual(['Catching up', 'Caught up']);
  });

  test('a failure on the way is no second episode', async () => {
    const destination = switchable();
    const { clock, told } = await started(destination.output, OLDEST_FIRST, backlog(1000));
    await pass(clock, 3000);
    destination.goAway();
    await pass(clock, 10_000);
    destination.comeBack();
    await pass(clock, 90_000);
    expect(destination.written).toEqual(lines(0, 1000));
    expect(about(told).map(({ message }) => message)).toEqual(['Catching up', 'Caught up']);
  });

  test('new lines wait until those before them are sent', async () => {
    const { output, written } = fakeDestination();
    const { clock, add } = await started(output, OLDEST_FIRST, backlog(500));
    add(500, 250);
    await pass(clock, 90_000);
    expect(written).toEqual(lines(0, 750));
  });

  test('a stop waits for no pace', async () => {
    const { output, written } = fakeDestination();
    const { stop } = await started(output, { ...OLDEST_FIRST, ...STANDSTILL }, backlog(1000));
    expect(written).toHaveLength(BATCH);
    await stop();
    expect(written).toEqual(lines(0, 1000));
  });

  test('a backlog that another order had put off goes first', async () => {
    const { output, written } = fakeDestination();
    const held = backlog(500);
    held.journal.reader('fake_output').putOff();
    append(held.journal, ...lines(500, 50));
    const { clock } = await started(output, OLDEST_FIRST, held);
    await pass(clock, 60_000);
    expect(written).toEqual(lines(0, 550));
  });
});

test('lines from before that turn up only later are paced too', async () => {
  const { output, written } = fakeDestination();
  const settings = { ...OLDEST_FIRST, ...STANDSTILL, batch_bytes: 10_000 };
  const { clock, reader, add } = await started(output, settings);
  add(0, 90);
  // As the journal does when a disk can be read again.
  reader.putOff();
  await pass(clock, 60_000);
  expect(written.length).toBeGreaterThan(0);
  expect(written.length).toBeLessThan(40);
});

describe('newest first', () => {
  test('new lines are sent at the flush interval, whatever the pace of the backlog', async () => {
    const { output, written } = fakeDestination();
    const held = backlog(1000);
    const { clock, add } = await started(output, { ...NEWEST_FIRST, ...STANDSTILL }, held);
    written.length = 0;
    await pass(clock, 1000);
    for (let from = 1000; from < 1010; from += 1) {
      add(from, 1);
      await pass(clock, 10_000);
    }
    expect(written).toEqual(lines(1000, 10));
  });

  test('a full batch of new lines is sent at once', async () => {
    const { output, written } = fakeDestination();
    const { add } = await started(output, { ...NEWEST_FIRST, ...STANDSTILL }, backlog(1000));
    written.length = 0;
    add(1000, BATCH);
    await settle();
    expect(written).toEqual(lines(1000, BATCH));
  });

  test('the backlog goes in between at its pace, in its order, and all of it arrives', async () => {
    const { output, written, mostActive } = fakeDestination();
    const { clock, told, add } = await started(output, NEWEST_FIRST, backlog(1000));
    let next = 1000;
    for (let second = 0; second < 60; second += 1) {
      add(next, 2);
      next += 2;
      await pass(clock, 1000);
    }
    await pass(clock, 10_000);
    const isOld = (serial: number) => serial < 1000;
    const arrived = serials(written);
    expect(arrived.filter(isOld)).toEqual(serials(numbered(0, 1000)));
    expect(arrived.filter((serial) => !isOld(serial))).toEqual(serials(numbered(1000, next - 1000)));
    expect(arrived.findIndex((serial) => !isOld(serial))).toBeLessThan(500);
    expect(about(told).map(({ message }) => message)).toEqual(['Catching up', 'Caught up']);
    expect(mostActive()).toBe(1);
  });

  test('an outage is put off when the destination is back', async () => {
    const destination = switchable();
    const settings = { ...NEWEST_FIRST, ...STANDSTILL };
    const { clock, reader, add } = await started(destination.output, settings);
    destination.goAway();
    add(0, 1000);
    await pass(clock, 20_000);
    destination.comeBack();
    await pass(clock, 60_000);
    expect(reader.backlog.pendingLines).toBeGreaterThan(600);
    destination.written.length = 0;
    add(1000, 10);
    await pass(clock, 10_000);
    expect(destination.written).toEqual(lines(1000, 10));
  });

  test('what a second outage leaves goes ahead of the backlog, paced too', async () => {
    const destination = switchable();
    const { clock, reader, add } = await started(destination.output, NEWEST_FIRST, backlog(1000));
    destination.goAway();
    add(1000, 1000);
    await pass(clock, 20_000);
    destination.comeBack();
    destination.written.length = 0;
    const before = reader.backlog.pendingLines;
    for (let second = 0; second < 60 && destination.written.length === 0; second += 1) await pass(clock, 1000);
    await pass(clock, 3000);
    expect(destination.written.length).toBeLessThan(600);
    expect(reader.backlog.pendingLines).toBe(before);
    await pass(clock, 90_000);
    const arrived = serials(destination.written);
    expect(arrived.indexOf(1999)).toBeLessThan(arrived.indexOf(999));
    expect(reader.pendingLines + reader.backlog.pendingLines).toBe(0);
  });

  test('when that is sent, new lines are no longer paced', async () => {
    const destination = switchable();
    const { clock, reader, add } = await started(destination.output, NEWEST_FIRST, backlog(1000));
    destination.goAway();
    add(1000, 500);
    await pass(clock, 5000);
    destination.comeBack();
    for (let second = 0; second < 60 && reader.pendingLines > 0; second += 1) await pass(clock, 1000);
    expect(reader.backlog.pendingLines).toBeGreaterThan(300);
    destination.written.length = 0;
    add(1500, 500);
    await settle();
    expect(destination.written).toEqual(lines(1500, 500));
  });

  test('new lines that alone are more than the pace allows do not stop the backlog', async () => {
    const { output } = fakeDestination();
    const { clock, reader, add } = await started(output, NEWEST_FIRST, backlog(500));
    for (let second = 0; second < 15; second += 1) {
      add(500 + second * BATCH, BATCH);
      await pass(clock, 1000);
    }
    expect(reader.backlog.pendingLines).toBe(0);
  });

  test('a stop sends the new lines, then the backlog, without the pace', async () => {
    const { output, written } = fakeDestination();
    const { add, stop } = await started(output, { ...NEWEST_FIRST, ...STANDSTILL }, backlog(300));
    add(300, 1);
    await stop();
    expect(serials(written)).toEqual([...serials(numbered(0, 100)), 300, ...serials(numbered(100, 200))]);
  });

  test('over a restart both positions are kept, and nothing is lost', async () => {
    const directory = join(kit.folder(), 'journal');
    const clock = manualClock();
    const destination = switchable();
    const open = async () =>
      startOutput(destination.output, NEWEST_FIRST, { clock, journal: await kit.open(directory, { clock }) });

    const old = await kit.open(directory, { clock });
    old.reader('fake_output');
    append(old, ...lines(0, 1000));
    await kit.close(old);
    const first = await open();
    await until(() => destination.written.length > 0);
    first.append(...lines(1000, 10));
    await pass(clock, 1000);
    await until(() => destination.written.some((line) => serials([line])[0] === 1009));
    await settle();
    destination.goAway();
    first.append(...lines(1010, 10));
    await stored(first.journal);
    await first.stop();
    await kit.close(first.journal);
    expect(new Set(destination.written).size).toBeLessThan(600);
    destination.comeBack();

    const second = await open();
    expect(second.reader.pendingLines).toBe(10);
    expect(second.reader.backlog.pendingLines).toBeGreaterThan(400);
    for (let second_ = 0; second_ < 60; second_ += 1) {
      await pass(clock, 1000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await until(() => second.reader.pendingLines + second.reader.backlog.pendingLines === 0);
    expect([...destination.written].sort()).toEqual(lines(0, 1020).sort());
  });
});
