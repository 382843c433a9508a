import { describe, expect, test } from '@jest/globals';

import { messagesOf, publishAll, type Message } from '../../src/outputs/broker-messages.ts';
import { PartialWriteError, PermanentError, RetryableError, TooLargeError } from '../../src/plugin/index.ts';
import { testBatch } from '../support/kit/batch.ts';
import { settle } from '../support/kit/settle.ts';

const BATCH = testBatch(['a,host=x t="two\nlines" 1', 'b n=2i 2', 'a,host=x n=3i 3']);
const FORM = { format: 'influx', timestamp_units: '1s' } as const;
const textOf = ({ payload }: Message) => Buffer.from(payload).toString();

describe('messagesOf', () => {
  test('makes a message of each line, with its bytes', () => {
    const messages = messagesOf(BATCH, FORM, ({ name }) => `topic-${name}`);
    expect(messages.map(textOf).join('')).toBe(Buffer.from(BATCH.lines).toString());
    expect(messages.map(({ topic, lines, metric }) => [topic, lines, metric.time])).toEqual([
      ['topic-a', [0], 1n],
      ['topic-b', [1], 2n],
      ['topic-a', [2], 3n],
    ]);
  });

  test('or of all lines of a topic, in the order of the batch', () => {
    const messages = messagesOf(BATCH, { ...FORM, layout: 'batch' }, ({ name }) => name);
    expect(messages.map((message) => [message.topic, message.lines, textOf(message)])).toEqual([
      ['a', [0, 2], 'a,host=x t="two\nlines" 1\na,host=x n=3i 3\n'],
      ['b', [1], 'b n=2i 2\n'],
    ]);
  });

  test.each([
    ['json', '{"fields":{"n":2},"name":"b","tags":{},"timestamp":0}\n'],
    ['csv', '1970-01-01T00:00:00Z,b,,,n,2\n'],
  ] as const)('in %s', (format, text) => {
    const [, message] = messagesOf(BATCH, { ...FORM, format }, () => 't');
    expect(message === undefined ? '' : textOf(message)).toBe(text);
  });
});

describe('publishAll', () => {
  const MESSAGES = messagesOf(testBatch(Array.from({ length: 20 }, (_, i) => `m n=${i}i 1`)), FORM, () => 't');

  test('begins in order, and never has more on their way than allowed', async () => {
    const begun: Message[] = [];
    let [underway, most] = [0, 0];
    const publish = async (message: Message) => {
      begun.push(message);
      underway += 1;
      most = Math.max(most, underway);
      await settle(1);
      underway -= 1;
    };
    await publishAll(MESSAGES, publish, 3);
    expect(begun).toEqual(MESSAGES);
    expect(most).toBe(3);
  });

  test('names the lines that were refused when all others are confirmed', async () => {
    let confirmed = 0;
    const publish = async ({ lines: [line = 0] }: Message) => {
      await settle(1);
      if (line % 7 === 3) throw new PermanentError(`line ${line} is bad`);
      confirmed += 1;
    };
    const error = (await publishAll(MESSAGES, publish, 4).catch((thrown: unknown) => thrown)) as PartialWriteError;
    expect(error).toBeInstanceOf(PartialWriteError);
    expect(error.refused).toEqual([3, 10, 17]);
    expect(error.message).toBe('3 of the lines were refused for good: line 3 is bad');
    expect(confirmed).toBe(17);
  });

  test.each([new RetryableError('down'), new TooLargeError('too large')])(
    'ends at the first failure: %s',
    async (failure) => {
      let begun = 0;
      const publish = async ({ lines: [line = 0] }: Message) => {
        begun += 1;
        await settle(1);
        if (line === 2) throw failure;
      };
      await expect(publishAll(MESSAGES, publish, 2)).rejects.toBe(failure);
      await settle();
      expect(begun).toBeLessThan(6);
    },
  );

  test('has nothing on its way any more when it says that a message is too large', async () => {
    let underway = 0;
    const publish = async ({ lines: [line = 0] }: Message) => {
      if (line === 2) throw new TooLargeError('too large');
      underway += 1;
      await settle();
      underway -= 1;
    };
    await expect(publishAll(MESSAGES, publish, 5)).rejects.toThrow('too large');
    expect(underway).toBe(0);
  });
});
