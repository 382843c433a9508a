/** Errors of brokers, with a fake broker. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { kafka } from '../../../src/outputs/kafka/index.ts';
import { PermanentError, RetryableError, TooLargeError } from '../../../src/plugin/index.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { startFakeKafka, type FakeKafka } from '../../support/fakes/kafka.ts';
import { openOutput, type OpenOutput } from '../../support/kit/open-output.ts';

const BATCH = testBatch(['cpu,host=a n=1i 1', 'cpu,host=b n=2i 2']);
const opened: OpenOutput[] = [];
let broker: FakeKafka;

beforeEach(async () => {
  broker = await startFakeKafka();
});

afterEach(async () => {
  for (const output of opened.splice(0)) await output.close();
  await broker.stop();
});

async function open(options: object = {}): Promise<OpenOutput> {
  const output = await openOutput(kafka, { brokers: [broker.address], ...options });
  opened.push(output);
  return output;
}

test.each([
  [10, TooLargeError, /does not accept a batch of this size for topic "telegraf" \(MESSAGE_TOO_LARGE\)$/],
  [18, TooLargeError, /RECORD_LIST_TOO_LARGE/],
  [32, PermanentError, /permanently rejected messages \(INVALID_TIMESTAMP\)$/],
  [29, RetryableError, /does not allow sasl.username to write to topic "telegraf"; grant the permission/],
  [19, RetryableError, /has too few in-sync replicas/],
  [6, RetryableError, /not the leader/],
  [-1, RetryableError, /unexpected error/],
])('messages are rejected with code %s', async (code, type, text) => {
  const output = await open();
  broker.produceError = code;
  const error = await output.write(BATCH);
  expect(error).toBeInstanceOf(type);
  expect((error as Error).message).toMatch(text);
  expect((error as Error).message.startsWith(broker.address)).toBe(true);
  broker.produceError = 0;
  expect(await output.write(BATCH)).toBeUndefined();
});

test.each([
  [3, /does not have topic "telegraf"; create it or correct topic \(UNKNOWN_TOPIC_OR_PARTITION\)$/],
  [5, /has no leader yet for topic "telegraf"/],
  [17, /rejected the name of topic "telegraf"/],
])('a topic is rejected with code %s', async (code, text) => {
  broker.topicError = code;
  const output = await open();
  for (const error of [await output.connect(), await output.write(BATCH)]) {
    expect(error).toBeInstanceOf(RetryableError);
    expect((error as Error).message).toMatch(text);
  }
  broker.topicError = 0;
  expect(await output.write(BATCH)).toBeUndefined();
});

test('credentials: right, wrong, and an unsupported mechanism', async () => {
  broker.credentials = { username: 'joe', password: 'right-password' };
  const sasl = { mechanism: 'plain', username: 'joe', password: 'right-password' };
  expect(await (await open({ sasl })).write(BATCH)).toBeUndefined();
  const wrong = await open({ sasl: { ...sasl, password: 'wrong-password' } });
  for (const error of [await wrong.connect(), await wrong.write(BATCH)]) {
    expect(error).toBeInstanceOf(RetryableError);
    expect((error as Error).message).toMatch(/rejected the credentials; check sasl.username and sasl.password/);
    expect((error as Error).message).not.toContain('wrong-password');
  }
  const other = await (await open({ sasl: { ...sasl, mechanism: 'scram-sha-512' } })).connect();
  expect(other).toBeInstanceOf(RetryableError);
  expect((other as Error).message).toMatch(/sasl/i);
});

test.each([
  [{ required_acks: 0 }, /expected one of -1\|1/],
  [{ brokers: ['kafka://a:9092'] }, /must be host:port/],
  [{ topic: 'a b' }, /letters, digits/],
  [{ routing_key: 'a', routing_tag: 'b' }, /not both/],
])('rejects %j', (options, text) => {
  expect(kafka.config.safeParse({ brokers: ['a:9092'], ...options }).error?.message).toMatch(text);
});
