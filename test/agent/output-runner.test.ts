import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { openDeadLetters } from '../../src/agent/dead-letters.ts';
import { OutputRunner } from '../../src/agent/output-runner.ts';
import { createStatistics } from '../../src/agent/self-statistics.ts';
import type { OutputEntry } from '../../src/config/config.ts';
import { MemoryJournal } from '../../src/journal/memory.ts';
import { PermanentError, RetryableError, type Batch, type Output } from '../../src/plugin.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog } from '../support/recording-log.ts';
import { outputEntry, pass, runnerContext } from '../support/runner.ts';
import { settle } from '../support/settle.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-output-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function started(output: Output, settings: Partial<OutputEntry> = {}, maxBytes = 1e6) {
  const clock = manualClock(1_700_000_000_000);
  const log = recordingLog();
  const journal = new MemoryJournal({ maxBytes });
  const statistics = createStatistics('test').output('fake_output', 'fake_output');
  const runner = await OutputRunner.create({
    entry: outputEntry(output, settings),
    context: runnerContext(clock, log),
    reader: journal.reader('fake_output'),
    statistics,
    deadLetters: openDeadLetters({ path: join(folder, 'dead-letter.lp'), clock, log }),
    random: () => 0.999,
  });
  runner.start();
  await settle();
  const append = (...lines: readonly string[]) => {
    journal.append(Buffer.from(lines.map((line) => `${line}\n`).join('')), lines.length);
    runner.notify();
  };
  return { clock, log, statistics, runner, append };
}

/** An output that keeps what it is given, after it has failed as told. */
function fakeOutput(failures: (Error | 'hang')[] = []) {
  const written: string[] = [];
  const writes: number[] = [];
  let active = 0;
  let mostActive = 0;
  const output: Output = {
    async write(batch: Batch, signal: AbortSignal) {
      active += 1;
      mostActive = Math.max(mostActive, active);
      try {
        writes.push(batch.size);
        const failure = failures.shift();
        if (failure === 'hang')
          await new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reject(new Error('aborted'));
            });
          });
        if (failure instanceof Error) throw failure;
        written.push(...Buffer.from(batch.lines).toString().trimEnd().split('\n'));
        await settle(1);
      } finally {
        active -= 1;
      }
    },
  };
  return { output, written, writes, mostActive: () => mostActive };
}

test('the first flush comes after a second, later ones at the flush interval', async () => {
  const { output, writes } = fakeOutput();
  const { clock, append } = await started(output);
  append('m v=1');
  await pass(clock, 1000);
  expect(writes).toEqual([1]);
  append('m v=2');
  await pass(clock, 9000);
  expect(writes).toEqual([1]);
  await pass(clock, 1000);
  expect(writes).toEqual([1, 1]);
});

test('a full batch is written at once', async () => {
  const { output, writes } = fakeOutput();
  const { append } = await started(output, { batch_lines: 3 });
  append('m v=1', 'm v=2');
  append('m v=3');
  await settle();
  expect(writes).toEqual([3]);
});

test('what fails is sent again with growing delays, and nothing is lost or sent out of order', async () => {
  const down = () => new RetryableError('connect ECONNREFUSED 127.0.0.1:8086');
  const { output, written, writes, mostActive } = fakeOutput([down(), down(), down()]);
  const { clock, log, statistics, append } = await started(output);
  append('m v=1');
  await pass(clock, 1000);
  append('m v=2');
  await pass(clock, 15_000);
  expect(written).toEqual(['m v=1', 'm v=2']);
  expect(writes).toEqual([1, 2, 2, 2]);
  expect(mostActive()).toBe(1);
  expect(statistics).toMatchObject({ metrics_written: 2, write_errors: 3, metrics_rejected: 0 });
  expect(log.lines).toEqual([
    'warn: Cannot write: connect ECONNREFUSED 127.0.0.1:8086',
    expect.stringMatching(/^info: Writing works again after /),
  ]);
});

test('what the destination asked for with Retry-After is waited for', async () => {
  const { output, writes } = fakeOutput([new RetryableError('503', { retryAfterMs: 120_000 })]);
  const { clock, append } = await started(output);
  append('m v=1');
  await pass(clock, 120_000);
  expect(writes).toHaveLength(1);
  await pass(clock, 2000);
  expect(writes).toHaveLength(2);
});

test('a write that hangs is ended at its deadline and tried again', async () => {
  const { output, written } = fakeOutput(['hang']);
  const { clock, log, append } = await started(output, { timeout: 5000 });
  append('m v=1');
  await pass(clock, 9000);
  expect(log.lines[0]).toBe('warn: Cannot write: The destination did not answer within 5s');
  expect(written).toEqual(['m v=1']);
});

test('refused lines are in the dead-letter file with time, output and reason, the others arrive', async () => {
  const { output, written } = fakeOutput();
  const picky: Output = {
    write: (batch, signal) =>
      Buffer.from(batch.lines).includes('bad')
        ? Promise.reject(new PermanentError('field type conflict'))
        : output.write(batch, signal),
  };
  const { clock, statistics, append } = await started(picky);
  append('m v=1', 'bad v="x"', 'm v=3');
  await pass(clock, 2000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(written).toEqual(['m v=1', 'm v=3']);
  expect(statistics).toMatchObject({ metrics_written: 2, metrics_rejected: 1 });
  expect(readFileSync(join(folder, 'dead-letter.lp'), 'utf8')).toMatch(
    /^# 2023-11-14T22:13:2\d\.000Z output=fake_output lines=1 reason="field type conflict"\nbad v="x"\n$/,
  );
});

test('the loss of a full buffer is logged when it begins and when it ends, with the count', async () => {
  const { output } = fakeOutput(Array.from({ length: 4 }, () => new RetryableError('down')));
  const { clock, log, runner, statistics, append } = await started(output, {}, 30);
  for (let value = 0; value < 9; value += 1) {
    append(`m v=${value}`);
    await pass(clock, 1000);
  }
  await pass(clock, 60_000);
  append('m v=9');
  await pass(clock, 60_000);
  runner.refreshStatistics();
  expect(log.lines.filter((line) => /given up/.test(line))).toEqual([
    'error: The buffer is full: the oldest unsent lines are given up',
    'info: No more lines are given up',
  ]);
  expect(statistics.metrics_dropped).toBeGreaterThan(0);
});

test('connect is tried before the first write, and again after it failed', async () => {
  let connects = 0;
  const { output, written } = fakeOutput();
  const { clock, append } = await started({
    ...output,
    connect: () => {
      connects += 1;
      return connects < 3 ? Promise.reject(new Error('away')) : Promise.resolve();
    },
  });
  append('m v=1');
  await pass(clock, 10_000);
  expect(connects).toBe(3);
  expect(written).toEqual(['m v=1']);
});

test('a stop sends what is left', async () => {
  const { output, written } = fakeOutput();
  const { runner, append } = await started(output);
  append('m v=1');
  await runner.stop(new AbortController().signal);
  expect(written).toEqual(['m v=1']);
});

test('a stop does not wait for a destination that hangs', async () => {
  const { output } = fakeOutput(['hang', 'hang']);
  const { runner, log, append } = await started(output);
  append('m v=1');
  const deadline = new AbortController();
  const stopping = runner.stop(deadline.signal);
  await settle();
  deadline.abort();
  await stopping;
  expect(log.lines).toContain('warn: Stopped with unsent lines');
});
