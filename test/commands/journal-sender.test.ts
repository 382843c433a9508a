import { expect, test } from '@jest/globals';

import { RETRY_LIMIT_MS, Sender } from '../../src/commands/journal/sender.ts';
import { Tally } from '../../src/commands/journal/tally.ts';
import type { OutputEntry } from '../../src/deliver/entry.ts';
import { LineBatch } from '../../src/metric/batch.ts';
import { ConfigError } from '../../src/core/errors.ts';
import { PartialWriteError, PermanentError, RetryableError } from '../../src/plugin/errors.ts';
import type { Output } from '../../src/plugin/index.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { outputEntry, pass, runnerContext } from '../support/kit/runner.ts';
import { settle } from '../support/kit/settle.ts';

const LINES = ['m v=1 1700000000000000000', 'm v=2 1700000001000000000', 'm v=3 1700000002000000000'];

function batch(lines: readonly string[] = LINES): LineBatch {
  return new LineBatch(Buffer.from(lines.map((line) => `${line}\n`).join('')), lines.length);
}

async function senderTo(output: Output, settings: Partial<OutputEntry> = {}) {
  const clock = manualClock();
  const log = recordingLog();
  const stop = new AbortController();
  const sender = await Sender.create({
    entry: outputEntry(output, settings),
    context: runnerContext(clock, log),
    signal: stop.signal,
    random: () => 0.999,
  });
  return { sender, clock, log, stop };
}

test('connects once, before the first write', async () => {
  const calls: string[] = [];
  const { sender } = await senderTo({
    connect: () => Promise.resolve(void calls.push('connect')),
    write: () => Promise.resolve(void calls.push('write')),
  });
  await sender.send(batch());
  await sender.send(batch());
  expect(calls).toEqual(['connect', 'write', 'write']);
});

test('a temporary failure is logged once and retried with the same lines', async () => {
  const written: string[] = [];
  let failures = 3;
  const { sender, clock, log } = await senderTo({
    write: ({ lines }) => {
      if (failures-- > 0) return Promise.reject(new RetryableError('away'));
      written.push(Buffer.from(lines).toString());
      return Promise.resolve();
    },
  });
  const sending = sender.send(batch());
  await pass(clock, 10_000);
  expect(await sending).toEqual([]);
  expect(written).toEqual([LINES.map((line) => `${line}\n`).join('')]);
  expect(log.lines.filter((line) => line.includes('away'))).toEqual([
    'warn: Cannot write, retrying for up to 5m: away',
  ]);
});

test('a batch that is not accepted within minutes fails with the reason', async () => {
  const { sender, clock } = await senderTo({ write: () => Promise.reject(new RetryableError('away')) });
  const sending = sender.send(batch());
  const failed = expect(sending).rejects.toMatchObject({
    message: 'fake_output accepted nothing for 5m',
    cause: { message: 'away' },
  });
  await pass(clock, RETRY_LIMIT_MS + 1000);
  await failed;
});

test('each batch has its own retry limit', async () => {
  let isUp = false;
  const { sender, clock } = await senderTo({
    write: () => (isUp ? Promise.resolve() : Promise.reject(new RetryableError('away'))),
  });
  for (let round = 0; round < 3; round += 1) {
    isUp = false;
    const sending = sender.send(batch());
    await pass(clock, RETRY_LIMIT_MS - 60_000);
    isUp = true;
    await pass(clock, 60_000);
    expect(await sending).toEqual([]);
  }
});

test('a retry-after beyond the retry limit fails at once', async () => {
  const { sender } = await senderTo({
    write: () => Promise.reject(new RetryableError('later', { retryAfterMs: RETRY_LIMIT_MS + 1 })),
  });
  await expect(sender.send(batch())).rejects.toThrow('accepted nothing for 5m');
});

test('permanently refused lines are isolated and returned, the others arrive', async () => {
  const stored: string[] = [];
  const { sender } = await senderTo({
    write: (part) => {
      const texts = Buffer.from(part.lines).toString().trimEnd().split('\n');
      if (texts.some((line) => line.includes('v=2'))) return Promise.reject(new PermanentError('no v=2'));
      stored.push(...texts);
      return Promise.resolve();
    },
  });
  const refusals = await sender.send(batch());
  expect(refusals.map(({ lines }) => lines)).toEqual([[LINES[1]]]);
  expect(stored.sort()).toEqual([LINES[0], LINES[2]]);
});

test('a stop ends a backoff at once', async () => {
  const { sender, stop } = await senderTo({ write: () => Promise.reject(new RetryableError('away')) });
  const sending = sender.send(batch());
  await settle();
  stop.abort();
  await expect(sending).rejects.toBe(stop.signal.reason);
});

test('a stop ends a hanging write, and later writes do not start', async () => {
  let writes = 0;
  const { sender, stop } = await senderTo({
    write: (_, signal) => {
      writes += 1;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
    },
  });
  const sending = sender.send(batch());
  await settle();
  stop.abort();
  await expect(sending).rejects.toBe(stop.signal.reason);
  await expect(sender.send(batch())).rejects.toBe(stop.signal.reason);
  expect(writes).toBe(1);
});

test('a write past its deadline is retried', async () => {
  let writes = 0;
  const { sender, clock } = await senderTo(
    {
      write: (_, signal) => {
        writes += 1;
        if (writes > 1) return Promise.resolve();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        });
      },
    },
    { timeout: 5000 },
  );
  const sending = sender.send(batch());
  await pass(clock, 8000);
  expect(await sending).toEqual([]);
  expect(writes).toBe(2);
});

test('options that the plugin refuses are a ConfigError', async () => {
  const entry = outputEntry({ write: () => Promise.resolve() });
  const plugin = { ...entry.plugin, create: () => Promise.reject(new Error('no such certificate')) };
  const creating = Sender.create({
    entry: { ...entry, plugin },
    context: runnerContext(manualClock()),
    signal: new AbortController().signal,
    random: () => 0,
  });
  await expect(creating).rejects.toThrow(ConfigError);
  await expect(creating).rejects.toThrow('Cannot create output fake_output: no such certificate');
});

test('a tally counts accepted and refused lines, by reason, and has the last time', () => {
  const tally = new Tally();
  expect(tally.reached).toBeUndefined();
  tally.count(batch(), []);
  tally.count(batch(LINES.slice(0, 2)), [{ lines: [LINES[0]!], reason: new PartialWriteError('bad field', [0]) }]);
  expect(tally).toMatchObject({ batches: 2, lines: 4, refused: 1, reached: '2023-11-14T22:13:21.000Z' });
  expect([...tally.reasons]).toEqual([['bad field', 1]]);
});

test('a tally has a bounded number of reasons', () => {
  const tally = new Tally();
  for (let i = 0; i < 100; i += 1) tally.count(batch(), [{ lines: LINES, reason: new PermanentError(`bad ${i}`) }]);
  expect(tally.reasons.size).toBe(21);
  expect(tally.reasons.get('for other reasons')).toBe(240);
  expect(tally.refused).toBe(300);
});
