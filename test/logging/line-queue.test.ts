import { expect, test } from '@jest/globals';
import winston from 'winston';

import { LineQueue, type Destination, type LineQueueOptions } from '../../src/logging/line-queue.ts';
import { queuedTransport } from '../../src/logging/winston.ts';
import { manualClock } from '../../src/testing.ts';

const STUCK: Destination = { write: () => new Promise(() => undefined) };

function open(destination: Destination, more: Partial<LineQueueOptions> = {}) {
  const reports: unknown[] = [];
  const queue = new LineQueue({
    destination,
    notice: (dropped, reason) => `${dropped} lines were dropped here: ${reason}`,
    report: (error) => reports.push(error),
    clock: manualClock(),
    ...more,
  });
  return { queue, reports };
}

/** Completes each write only when `take` is called. */
function slow() {
  const written: string[] = [];
  let take: () => void = () => undefined;
  const destination: Destination = {
    write: (text) =>
      new Promise((resolve) => {
        written.push(...text.split('\n').slice(0, -1));
        take = resolve;
      }),
  };
  return {
    destination,
    written,
    async take() {
      take();
      await new Promise(setImmediate);
    },
  };
}

const turn = () => new Promise(setImmediate);

test('the first line is written at once, lines queued during a write in chunks', async () => {
  const { destination, written, take } = slow();
  const { queue } = open(destination, { chunk: 8 });
  for (const line of ['a', 'one', 'two', 'three', 'longer than a chunk']) queue.push(line);
  expect(written).toEqual(['a']);
  await take();
  expect(written).toEqual(['a', 'one', 'two']);
  await take();
  expect(written.slice(3)).toEqual(['three']);
  await take();
  expect(written.slice(4)).toEqual(['longer than a chunk']);
});

test('with a slow destination the oldest lines are dropped, and a notice says how many', async () => {
  const { destination, written, take } = slow();
  const { queue } = open(destination, { limit: 40 });
  for (let n = 10; n < 40; n += 1) queue.push(`line ${n}`);
  await take();
  await take();
  const [first, notice = '', ...rest] = written;
  expect(first).toBe('line 10');
  const dropped = Number(/^(\d+) lines were dropped here: the destination is too slow$/.exec(notice)?.[1]);
  expect(rest).toHaveLength(29 - dropped);
  expect(rest.at(-1)).toBe('line 39');
  expect(rest.length).toBeGreaterThan(2);
  queue.push('later');
  await take();
  expect(written.at(-1)).toBe('later');
});

test('a failing destination is reported once per failure, and lost lines are counted', async () => {
  let isBroken = true;
  const written: string[] = [];
  const write = (text: string) => {
    if (isBroken) return Promise.reject(new Error('no space left'));
    written.push(text);
    return Promise.resolve();
  };
  const { queue, reports } = open({ write });
  for (let n = 0; n < 5; n += 1) {
    queue.push(`line ${n}`);
    await turn();
  }
  expect(reports).toHaveLength(1);
  isBroken = false;
  queue.push('works');
  await turn();
  expect(written).toEqual(['5 lines were dropped here: no space left\nworks\n']);
  isBroken = true;
  queue.push('lost');
  await turn();
  expect(reports).toHaveLength(2);
});

test('close flushes the queue, within a deadline', async () => {
  const clock = manualClock();
  const { queue } = open(STUCK, { clock });
  queue.push('line');
  const closed = queue.close();
  clock.advance(1000);
  await closed;

  const { destination, written, take } = slow();
  const { queue: other } = open(destination);
  other.push('one');
  other.push('two');
  const ended = other.close();
  await take();
  await take();
  await ended;
  expect(written).toEqual(['one', 'two']);
});

test('with one stuck and one failing transport the third still gets every line, in order, at once', async () => {
  const MESSAGE = Symbol.for('message');
  const written: string[] = [];
  const good: Destination = {
    write: (text) => {
      written.push(...text.split('\n').slice(0, -1));
      return Promise.resolve();
    },
  };
  const failing: Destination = { write: () => Promise.reject(new Error('broken')) };
  const logger = winston.createLogger({
    format: { transform: (info) => Object.assign(info, { [MESSAGE]: info.message }) },
    transports: [STUCK, failing, good].map((destination) => queuedTransport(open(destination).queue)),
  });
  const lines = Array.from({ length: 2000 }, (_, n) => `line ${n}`);
  for (const line of lines) logger.info(line);
  await turn();
  expect(written).toEqual(lines);
});
