import { describe, expect, test } from '@jest/globals';

import { messagesOf, publishAll, type Message } from '../../src/outputs/broker-messages.ts';
import { PartialWriteError, PermanentError, RetryableError, TooLargeError } from '../../src/plugin/index.ts';
import { testBatch } from '../support/kit/batch.ts';
import { settle } from '../support/kit/settle.ts';

const BATCH = testBatch(['a,host=x t="two\nlines" 1', 'b n=2i 2', 'a,host=x n=3i 3']);
const FORM = { format: 'influx', timestamp_units: '1s' } as const;
const textOf = ({ payload }: Message) => Buffer.from(payload).toString();

describe('messagesOf', () => {
  test('makes one message per line, with its exact bytes', () => {
    const messages = messagesOf(BATCH, FORM, ({ name }) => `topic-${name}`);
    expect(messages.map(textOf).join('')).toBe(Buffer.from(BATCH.lines).toString());
    expect(messages.map(({ topic, lines, metric }) => [topic, lines, metric.time])).toEqual([
      ['topic-a', [0], 1n],
      ['topic-b', [1], 2n],
      ['topic-a', [2], 3n],
    ]);
  });

  test('with layout batch, makes one message per topic, in the order of the batch', () => {
    const messages = messagesOf(BATCH, { ...FORM, layout: 'batch' }, ({ name }) => name);
    expect(messages.map((message) => [message.topic, message.lines, textOf(message)])).toEqual([
      ['a', [0, 2], 'a,host=x t="two\nlines" 1\na,host=x n=3i 3\n'],
      ['b', [1], 'b n=2i 2\n'],
    ]);
  });

  test.each([
    ['json', '{"fields":{"n":2},"name":"b","tags":{},"timestamp":0}\n'],
    ['csv', '1970-01-01T00:00:00Z,b,,,n,2\n'],
  ] as const)('encodes %s', (format, text) => {
    const [, message] = messagesOf(BATCH, { ...FORM, format }, () => 't');
    expect(message === undefined ? '' : textOf(message)).toBe(text);
  });
});

describe('publishAll', () => {
  const MESSAGES = messagesOf(testBatch(Array.from({ length: 20 }, (_, i) => `m n=${i}i 1`)), FORM, () => 't');

  test('starts in order, with at most `window` messages in flight', async () => {
    const started: Message[] = [];
    let [inFlight, max] = [0, 0];
    const publish = async (message: Message) => {
      started.push(message);
      inFlight += 1;
      max = Math.max(max, inFlight);
      await settle(1);
      inFlight -= 1;
    };
    await publishAll(MESSAGES, publish, 3);
    expect(started).toEqual(MESSAGES);
    expect(max).toBe(3);
  });

  test('reports the rejected lines after all others are acknowledged', async () => {
    let acknowledged = 0;
    const publish = async ({ lines: [line = 0] }: Message) => {
      await settle(1);
      if (line % 7 === 3) throw new PermanentError(`line ${line} is bad`);
      acknowledged += 1;
    };
    const error = (await publishAll(MESSAGES, publish, 4).catch((thrown: unknown) => thrown)) as PartialWriteError;
    expect(error).toBeInstanceOf(PartialWriteError);
    expect(error.refused).toEqual([3, 10, 17]);
    expect(error.message).toBe('3 of the lines were permanently rejected: line 3 is bad');
    expect(acknowledged).toBe(17);
  });

  test.each([new RetryableError('down'), new TooLargeError('too large')])(
    'stops at the first failure: %s',
    async (failure) => {
      let started = 0;
      const publish = async ({ lines: [line = 0] }: Message) => {
        started += 1;
        await settle(1);
        if (line === 2) throw failure;
      };
      await expect(publishAll(MESSAGES, publish, 2)).rejects.toBe(failure);
      await settle();
      expect(started).toBeLessThan(6);
    },
  );

  test('has no messages in flight when it reports that a message is too large', async () => {
    let inFlight = 0;
    const publish = async ({ lines: [line = 0] }: Message) => {
      if (line === 2) throw new TooLargeError('too large');
      inFlight += 1;
      await settle();
      inFlight -= 1;
    };
    await expect(publishAll(MESSAGES, publish, 5)).rejects.toThrow('too large');
    expect(inFlight).toBe(0);
  });
});
