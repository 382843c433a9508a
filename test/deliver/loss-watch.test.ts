import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from '@jest/globals';

import { manualClock } from '../../src/testing.ts';
import { appendStored, bulky, JournalKit, KiB, numbered, segmentsIn, stored, until } from '../journal/journal-kit.ts';
import { pass } from '../support/kit/runner.ts';

import { clearFolders, fakeDestination, startOutput, switchable } from './output-kit.ts';

const kit = new JournalKit();
afterEach(async () => {
  clearFolders();
  await kit.clear();
});

const BEGINS = expect.stringMatching(/^Unsent lines are dropped: /);
const ENDS = 'No more lines are dropped';

/** Messages about losses, with the number of lines. */
function losses(told: readonly { readonly message: string; readonly meta: Readonly<Record<string, unknown>> }[]) {
  return told
    .filter(({ message }) => message.includes('dropped'))
    .map(({ message, meta: { lines, lost_lines } }) => [message, lines ?? lost_lines]);
}

test('what a full memory takes from an output that is away is one loss, told when it begins and when it is over', async () => {
  const destination = switchable();
  destination.goAway();
  const { clock, told, runner, counters, append } = await startOutput(destination.output, {}, { memoryBytes: 3000 });
  for (let value = 0; value < 200; value += 1) {
    append(`m v=${value}`);
    await pass(clock, 1000);
  }
  expect(losses(told)).toEqual([[BEGINS, expect.any(Number)]]);
  destination.comeBack();
  await pass(clock, 120_000);
  runner.refreshCounters();
  const lost = counters.metrics_dropped;
  expect(losses(told)).toEqual([
    [BEGINS, expect.any(Number)],
    [ENDS, lost],
  ]);
  expect(destination.written).toEqual(numbered(lost, 200 - lost));
});

test('an output that is too slow for what comes in loses lines again and again, and that is one loss too', async () => {
  const { output, written } = fakeDestination();
  const { clock, told, append } = await startOutput(output, { flush_interval: 60_000 }, { memoryBytes: 3000 });
  let value = 0;
  const minutes = async (count: number, linesEachSecond: number) => {
    for (let second = 0; second < count * 60; second += 1) {
      for (let line = 0; line < linesEachSecond; line += 1) append(`m v=${(value += 1)}`);
      await pass(clock, 1000);
    }
  };
  await minutes(5, 1);
  expect(losses(told)).toEqual([[BEGINS, expect.any(Number)]]);
  await minutes(3, 0);
  expect(losses(told)).toEqual([
    [BEGINS, expect.any(Number)],
    [ENDS, value - written.length],
  ]);
});

test('a loss that is not over at a stop is told with its count', async () => {
  const destination = switchable();
  destination.goAway();
  const { clock, told, reader, append, stop } = await startOutput(destination.output, {}, { memoryBytes: 3000 });
  for (let value = 0; value < 50; value += 1) {
    append(`m v=${value}`);
    await pass(clock, 1000);
  }
  await stop();
  expect(losses(told)).toEqual([
    [BEGINS, expect.any(Number)],
    ['Lines were dropped until the stop', reader.lostLines],
  ]);
});

describe('on disk', () => {
  test('what the bound of the disk takes from an output that is away is counted and told', async () => {
    const clock = manualClock();
    const journal = await kit.open(join(kit.folder(), 'journal'), { clock, maxBytes: 512 * KiB });
    const destination = switchable();
    destination.goAway();
    const output = await startOutput(destination.output, {}, { clock, journal });
    for (let from = 0; from < 2000; from += 100) {
      output.append(...bulky(from, 100));
      await stored(journal);
      await pass(clock, 1000);
    }
    destination.comeBack();
    await pass(clock, 120_000);
    const lost = output.reader.lostLines;
    expect(lost).toBeGreaterThan(0);
    expect(losses(output.told)).toEqual([
      [BEGINS, expect.any(Number)],
      [ENDS, lost],
    ]);
    expect(destination.written).toEqual(bulky(lost, 2000 - lost));
  });

  test('lines that are damaged on the disk are noticed when they are read, counted and told', async () => {
    const directory = join(kit.folder(), 'journal');
    const journal = await kit.open(directory);
    journal.reader('fake_output');
    for (const from of [0, 10, 20]) await appendStored(journal, ...numbered(from, 10));
    await kit.close(journal);
    const [name] = segmentsIn(directory);
    const segment = readFileSync(join(directory, name!));
    const second = segment.indexOf('HDJ1', 1);
    segment.fill(0xff, second + 44, second + 48);
    writeFileSync(join(directory, name!), segment);

    const clock = manualClock();
    const { output, written } = fakeDestination();
    const reopened = await kit.open(directory, { clock });
    const { told, counters, runner, reader } = await startOutput(output, {}, { clock, journal: reopened });
    await pass(clock, 1000);
    await until(() => reader.pendingLines === 0);
    await pass(clock, 20_000);
    runner.refreshCounters();
    expect(written).toEqual([...numbered(0, 10), ...numbered(20, 10)]);
    expect(counters.metrics_dropped).toBe(10);
    expect(losses(told)).toEqual([
      [BEGINS, 10],
      [ENDS, 10],
    ]);
  });
});
