import { readFileSync } from 'node:fs';

import { afterEach, describe, expect, test } from '@jest/globals';

import type { OutputEntry } from '../../src/deliver/entry.ts';
import { PermanentError, RetryableError, TooLargeError, type Output } from '../../src/plugin/index.ts';
import { numbered, until } from '../journal/journal-kit.ts';
import { pass } from '../support/kit/runner.ts';
import { settle } from '../support/kit/settle.ts';

import { answersInTurn, clearFolders, fakeDestination, startOutput, switchable } from './output-kit.ts';

afterEach(clearFolders);

describe('when', () => {
  test('the first flush comes after a second, later ones at the flush interval', async () => {
    const { output, writes } = fakeDestination();
    const { clock, append } = await startOutput(output);
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
    const { output, writes } = fakeDestination();
    const { append } = await startOutput(output, { batch_lines: 3 });
    append('m v=1', 'm v=2');
    append('m v=3');
    await settle();
    expect(writes).toEqual([3]);
  });

  test('lines that come one by one during the writes wait for the next flush', async () => {
    const late = ['m v=2', 'm v=3', 'm v=4'];
    const { output, writes } = fakeDestination(() => {
      append(...late.splice(0, 1));
      return undefined;
    });
    const { clock, append } = await startOutput(output);
    append('m v=1');
    await pass(clock, 1000);
    expect(writes).toEqual([1]);
    await pass(clock, 10_000);
    expect(writes).toEqual([1, 1]);
  });
});

describe('failures', () => {
  test('what fails is sent again with growing delays, and nothing is lost or sent out of order', async () => {
    const down = () => new RetryableError('connect ECONNREFUSED 127.0.0.1:8086');
    const { output, written, writes, mostActive } = fakeDestination(answersInTurn([down(), down(), down()]));
    const { clock, log, counters, append } = await startOutput(output);
    append('m v=1');
    await pass(clock, 1000);
    append('m v=2');
    await pass(clock, 15_000);
    expect(written).toEqual(['m v=1', 'm v=2']);
    expect(writes).toEqual([1, 2, 2, 2]);
    expect(mostActive()).toBe(1);
    expect(counters).toMatchObject({ metrics_written: 2, write_errors: 3, metrics_rejected: 0 });
    expect(log.lines).toEqual([
      'warn: Cannot write: connect ECONNREFUSED 127.0.0.1:8086',
      expect.stringMatching(/^info: Writing works again after /),
    ]);
  });

  test('a full batch does not end the wait after a failure', async () => {
    const { output, writes } = fakeDestination(answersInTurn([new RetryableError('503', { retryAfterMs: 60_000 })]));
    const { clock, append } = await startOutput(output, { batch_lines: 2 });
    append('m v=1', 'm v=2');
    await settle();
    append('m v=3', 'm v=4');
    await pass(clock, 59_000);
    expect(writes).toEqual([2]);
  });

  test('what the destination asked for with Retry-After is waited for', async () => {
    const { output, writes } = fakeDestination(answersInTurn([new RetryableError('503', { retryAfterMs: 120_000 })]));
    const { clock, append } = await startOutput(output);
    append('m v=1');
    await pass(clock, 120_000);
    expect(writes).toHaveLength(1);
    await pass(clock, 2000);
    expect(writes).toHaveLength(2);
  });

  test('after a failure one batch is the probe, and the others wait for its success', async () => {
    const destination = switchable();
    destination.goAway();
    const { clock, append } = await startOutput(destination.output, { batch_lines: 2 });
    append(...numbered(0, 10));
    await pass(clock, 600_000);
    // Doubling up to a minute: about 7 in the first minute, then one in each.
    expect(destination.writes.length).toBeGreaterThan(10);
    expect(destination.writes.length).toBeLessThan(20);
    destination.comeBack();
    await pass(clock, 60_000);
    expect(destination.written).toEqual(numbered(0, 10));
  });

  test('a write that hangs is ended at its deadline and tried again', async () => {
    const { output, written } = fakeDestination(answersInTurn(['hang']));
    const { clock, log, append } = await startOutput(output, { timeout: 5000 });
    append('m v=1');
    await pass(clock, 9000);
    expect(log.lines[0]).toBe('warn: Cannot write: The destination did not answer within 5s');
    expect(written).toEqual(['m v=1']);
  });

  test('connect is tried before the first write, and again after it failed', async () => {
    let connects = 0;
    const { output, written } = fakeDestination();
    const { clock, append } = await startOutput({
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

  test('with chance at its lowest a failure still does not lead to another attempt at once', async () => {
    const destination = switchable();
    destination.goAway();
    const { clock, append } = await startOutput(destination.output, {}, { random: () => 0 });
    append('m v=1');
    await pass(clock, 3000);
    expect(destination.writes.length).toBeLessThanOrEqual(3);
  });
});

test('S-023: lines that the output leaves out are not unsent', async () => {
  const { output } = fakeDestination(() => new RetryableError('connect ECONNREFUSED'));
  const filter = { only: { names: ['healthd_log'] } };
  const { clock, counters, told, runner, append, stop } = await startOutput(output, { filter });
  append(...numbered(0, 99), 'healthd_log message="x" 1');
  await pass(clock, 2000);
  runner.refreshCounters();
  expect(counters.buffer_size).toBe(1);
  await stop();
  expect(told.map(({ meta }) => meta)).toEqual([{ unsent_lines: 1 }, { lines: 1 }]);
});

describe('refusals', () => {
  test('refused lines are in the dead-letter file with time, output and reason, the others arrive', async () => {
    const { output, written } = fakeDestination((lines) =>
      lines.includes('bad v="x"') ? new PermanentError('field type conflict') : undefined,
    );
    const { clock, counters, reader, append, deadLetterPath } = await startOutput(output);
    append('m v=1', 'bad v="x"', 'm v=3');
    await pass(clock, 2000);
    await until(() => reader.pendingLines === 0);
    expect(written).toEqual(['m v=1', 'm v=3']);
    expect(counters).toMatchObject({ metrics_written: 2, metrics_rejected: 1 });
    expect(readFileSync(deadLetterPath, 'utf8')).toMatch(
      /^# 2023-11-14T22:13:2\d\.000Z output=fake_output lines=1 reason="field type conflict"\nbad v="x"\n$/,
    );
  });

  const tooLargeFrom = (limit: number) =>
    fakeDestination((_, bytes) => (bytes >= limit ? new TooLargeError('413') : undefined));

  test('a size that was refused is remembered: later batches are smaller, and that is told once', async () => {
    // Each line is 9 bytes.
    const { output, written, writes } = tooLargeFrom(5000);
    const { clock, log, append } = await startOutput(output);
    append(...numbered(1000, 1000));
    await pass(clock, 1000);
    expect(writes).toEqual([1000, 500, 500]);
    for (const from of [2000, 3000, 4000]) append(...numbered(from, 1000));
    await pass(clock, 10_000);
    expect(writes.slice(3)).toEqual([500, 500, 500, 500, 500, 500]);
    expect(written).toEqual(numbered(1000, 4000));
    expect(log.lines).toEqual(['info: Batches are smaller from now on: the destination refused one for its size']);
  });

  test('F-017: batches grow again when the destination accepts more, and one that does not is tried ever more rarely', async () => {
    let limit = 1000;
    const { output, writes } = fakeDestination((_, bytes) => (bytes >= limit ? new TooLargeError('413') : undefined));
    // 9000 bytes.
    const { clock, log, append } = await startOutput(output, { batch_bytes: 9000, flush_interval: 10_000 });
    const flush = async () => {
      const before = writes.length;
      append(...numbered(1000, 1000));
      await pass(clock, 10_000);
      return writes.slice(before);
    };
    await flush();
    expect(Math.max(...(await flush()))).toBeLessThan(110);
    limit = 100_000;
    for (let minute = 0; minute < 3; minute += 1) for (let times = 0; times < 6; times += 1) await flush();
    expect(await flush()).toEqual([1000]);
    expect(log.lines).toEqual([
      'info: Batches are smaller from now on: the destination refused one for its size',
      'info: Batches grow again: the destination accepts the size that it refused',
    ]);
    limit = 5000;
    const refusals = async (flushes: number) => {
      let count = 0;
      for (let times = 0; times < flushes; times += 1) if (Math.max(...(await flush())) > 555) count += 1;
      return count;
    };
    expect(await refusals(120)).toBeLessThan(8);
  });

  test('S-007: one line that is too large makes the batches around it no smaller', async () => {
    const giant = `m s="${'x'.repeat(2000)}"`;
    const { output, written, writes } = tooLargeFrom(2000);
    const { clock, log, reader, append } = await startOutput(output);
    append(...numbered(0, 50), giant, ...numbered(50, 50));
    await pass(clock, 1000);
    await until(() => reader.pendingLines === 0);
    expect(written).toEqual(numbered(0, 100));
    const before = writes.length;
    append(...numbered(1000, 200));
    await pass(clock, 10_000);
    expect(writes.slice(before)).toEqual([200]);
    expect(log.lines.filter((line) => line.startsWith('info'))).toEqual([]);
  });

  test('C-011: lines that are refused in each flush are logged once, without a recovery in between', async () => {
    const { output } = fakeDestination((lines) =>
      lines.includes('bad v="x"') ? new PermanentError('field type conflict') : undefined,
    );
    const { clock, log, reader, append } = await startOutput(output);
    for (let flush = 0; flush < 20; flush += 1) {
      append('m v=1', 'bad v="x"');
      await pass(clock, 10_000);
      append('m v=2');
      await pass(clock, 10_000);
    }
    await until(() => reader.pendingLines === 0);
    expect(log.lines).toEqual(['warn: Lines were refused and are in the dead-letter file: field type conflict']);
    await pass(clock, 2 * 3_600_000);
    append('m v=1', 'bad v="x"');
    await pass(clock, 10_000);
    expect(log.lines).toHaveLength(2);
  });

  test('a line that is too large by itself makes no batch smaller', async () => {
    const giant = `m s="${'x'.repeat(500)}"`;
    const { output, writes } = tooLargeFrom(500);
    const { clock, reader, append } = await startOutput(output);
    append(giant);
    await pass(clock, 1000);
    await until(() => reader.pendingLines === 0);
    for (const from of [0, 50]) {
      append(...numbered(from, 50));
      await pass(clock, 10_000);
    }
    expect(writes).toEqual([1, 50, 50]);
  });

  test('a destination that finds everything too large for a while makes no batch smaller', async () => {
    let isBroken = true;
    const { output, writes } = fakeDestination(() => (isBroken ? new TooLargeError('413') : undefined));
    const { clock, reader, append } = await startOutput(output);
    append(...numbered(0, 500));
    await pass(clock, 1000);
    await until(() => reader.pendingLines === 0);
    expect(writes.length).toBeLessThanOrEqual(100);
    isBroken = false;
    writes.length = 0;
    for (const from of [0, 500]) {
      append(...numbered(from, 500));
      await pass(clock, 10_000);
    }
    expect(writes).toEqual([500, 500]);
  });
});

describe('stop', () => {
  test('sends what is left', async () => {
    const { output, written } = fakeDestination();
    const { append, stop } = await startOutput(output);
    append('m v=1');
    await stop();
    expect(written).toEqual(['m v=1']);
  });

  test('sends what came while a write was under way', async () => {
    const { output, written } = fakeDestination();
    const { clock, append, stop } = await startOutput(output);
    append('m v=1');
    clock.advance(1000);
    const stopping = stop();
    append('m v=2');
    await stopping;
    expect(written).toEqual(['m v=1', 'm v=2']);
  });

  test('tries once more a destination that is failing, without waiting', async () => {
    const destination = switchable();
    destination.goAway();
    const { clock, append, stop } = await startOutput(destination.output);
    append('m v=1');
    await pass(clock, 1000);
    destination.comeBack();
    await stop();
    expect(destination.written).toEqual(['m v=1']);
  });

  test('tries once more when the write that is under way fails', async () => {
    let fail: (error: Error) => void = () => undefined;
    const { output, written } = fakeDestination();
    const first = new Promise<void>((_, reject) => (fail = reject));
    let writes = 0;
    const { clock, append, stop } = await startOutput({
      write: (batch, signal) => ((writes += 1) === 1 ? first : output.write(batch, signal)),
    });
    append('m v=1');
    await pass(clock, 1000);
    expect(writes).toBe(1);
    const stopping = stop();
    fail(new Error('socket hang up'));
    await stopping;
    expect(written).toEqual(['m v=1']);
  });

  test('does not wait for a destination that hangs, and says what is left', async () => {
    const { output } = fakeDestination(answersInTurn(['hang', 'hang']));
    const { runner, log, append } = await startOutput(output);
    append('m v=1');
    const deadline = new AbortController();
    const stopping = runner.stop(deadline.signal);
    await settle();
    deadline.abort();
    await stopping;
    await settle();
    expect(log.lines).toEqual(['warn: Stopped with unsent lines']);
  });

  test('what was not sent is sent by the output that comes after', async () => {
    const destination = switchable();
    destination.goAway();
    const first = await startOutput(destination.output);
    first.append('m v=1');
    await first.stop();
    destination.comeBack();
    const { clock } = await startOutput(destination.output, {}, { journal: first.journal, clock: first.clock });
    await pass(clock, 1000);
    expect(destination.written).toEqual(['m v=1']);
  });
});

test('an output counts what it has not sent and what it has lost', async () => {
  const { output } = switchable();
  const settings: Partial<OutputEntry> = { flush_interval: 3_600_000, batch_lines: 1e6 };
  const { clock, counters, runner, append } = await startOutput(output, settings, { memoryBytes: 1000 });
  await pass(clock, 1000);
  for (let value = 0; value < 20; value += 1) {
    append(`m v=${value}`);
    clock.advance(100);
  }
  runner.refreshCounters();
  expect(counters.buffer_size + counters.metrics_dropped).toBe(20);
  expect(counters.metrics_dropped).toBeGreaterThan(0);
});

test('an output without lines connects all the same, so that trouble shows early', async () => {
  let connects = 0;
  const output: Output = {
    connect: () => {
      connects += 1;
      return Promise.resolve();
    },
    write: () => Promise.resolve(),
  };
  const { clock } = await startOutput(output);
  await pass(clock, 1000);
  expect(connects).toBe(1);
});

test('the status of an output says how old its oldest line is and why it fails', async () => {
  const destination = switchable();
  destination.goAway();
  const { clock, runner, append } = await startOutput(destination.output);
  expect(runner.status).toMatchObject({ waitingLines: 0, lagMs: 0, error: undefined });
  append('m v=1');
  await pass(clock, 60_000);
  append('m v=2');
  await pass(clock, 1000);
  expect(runner.status).toMatchObject({ alias: 'fake_output', waitingLines: 2, error: 'connect ECONNREFUSED' });
  expect(runner.status.lagMs).toBeGreaterThanOrEqual(60_000);
  expect(runner.status.lagMs).toBeLessThanOrEqual(61_000);

  destination.comeBack();
  await pass(clock, 120_000);
  expect(runner.status).toMatchObject({ waitingLines: 0, lagMs: 0, written: 2, error: undefined });
});
