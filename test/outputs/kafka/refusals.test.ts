/** Errors of brokers, with a fake broker. */
import { createServer, type AddressInfo, type Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { kafka } from '../../../src/outputs/kafka/index.ts';
import { PartialWriteError, RetryableError } from '../../../src/plugin/index.ts';
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
  [29, /does not allow sasl.username to write to partition 0 of topic "telegraf"; grant the permission/],
  [19, /has too few in-sync replicas/],
  [6, /has just moved the leader of partition 0/],
  [
    5,
    /has no leader for partition 0 of topic "telegraf"; bring its broker back \(LEADER_NOT_AVAILABLE\); 2 of 2 lines wait$/,
  ],
  [-1, /failed for partition 0 of topic "telegraf" \(error -1\)/],
])('messages wait after code %s', async (code, text) => {
  const output = await open();
  broker.produceError = code;
  const error = await output.write(BATCH);
  expect(error).toBeInstanceOf(RetryableError);
  expect((error as Error).message).toMatch(text);
  expect((error as Error).message.startsWith(broker.address)).toBe(true);
  broker.produceError = 0;
  expect(await output.write(BATCH)).toBeUndefined();
});

test('a leader that has moved is looked up, and its lines are sent to it at once', async () => {
  const output = await open({ compression: 'none' });
  const answers = [6, 0];
  broker.produceError = () => answers.shift() ?? 19;
  expect(await output.write(BATCH)).toBeUndefined();
  expect([broker.accepted.length, broker.lookups]).toEqual([1, 2]);
});

test('when the leader cannot be reached, the bootstrap broker is asked who leads now', async () => {
  const other = await startFakeKafka();
  try {
    const output = await open();
    broker.leader = other.address;
    expect(await output.write(BATCH)).toBeUndefined();
    await other.stop();
    broker.leader = broker.address;
    expect(await output.write(BATCH)).toBeUndefined();
    expect([other.accepted.length, broker.accepted.length]).toEqual([1, 1]);
    // Nobody else leads: that broker is not tried twice.
    broker.leader = other.address;
    broker.produceError = 6;
    expect((await output.write(BATCH))?.message).toMatch(
      new RegExp(`^${other.address}.*, the leader of partition 0 of topic "telegraf"; 2 of 2 lines wait$`),
    );
  } finally {
    await other.stop();
  }
});

test('a batch that was damaged on its way is sent again, and none of its lines refused', async () => {
  const output = await open({ compression: 'none' });
  const answers = [2, 0];
  broker.produceError = () => answers.shift() ?? 19;
  expect(await output.write(BATCH)).toBeUndefined();
  expect(broker.accepted).toHaveLength(1);
});

describe('a broker that does not name the records it refuses', () => {
  const lines = ['a v=1i 1', 'b bad=1i 2', 'c v=3i 3', 'd bad=4i 4', 'e v=5i 5'];
  const stored = () => lines.filter((line) => broker.accepted.filter((batch) => batch.includes(line)).length === 1);

  test.each([
    [2, 'CORRUPT_MESSAGE'],
    [10, 'MESSAGE_TOO_LARGE'],
    [18, 'RECORD_LIST_TOO_LARGE'],
    [32, 'INVALID_TIMESTAMP'],
    [87, 'INVALID_RECORD'],
  ])('the others are stored once when it refuses some with code %s', async (code, name) => {
    broker.produceError = (batch) => (batch.includes('bad') ? code : 0);
    const output = await open({ compression: 'none' });
    const error = (await output.write(testBatch(lines))) as PartialWriteError;
    expect(error).toBeInstanceOf(PartialWriteError);
    expect(error.refused).toEqual([1, 3]);
    expect(error.reasons).toEqual([`the broker refused it (${name})`, `the broker refused it (${name})`]);
    expect(stored()).toEqual([lines[0], lines[2], lines[4]]);
  });

  test('S-015: a retry sends only what was not stored, and equal lines are counted', async () => {
    const output = await open({ compression: 'none' });
    const twice = [...lines, lines[0] ?? ''];
    broker.produceError = (batch) => (batch.includes('bad') ? 32 : batch.includes('e v=5i') ? 19 : 0);
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect(await output.write(testBatch(twice))).toBeInstanceOf(RetryableError);
    expect(
      broker.accepted
        .map((batch) => batch.toString('latin1'))
        .join('')
        .split('a v=1i 1'),
    ).toHaveLength(2);
    broker.produceError = (batch) => (batch.includes('bad') ? 32 : 0);
    expect((await output.write(testBatch(twice))) as PartialWriteError).toMatchObject({ refused: [1, 3] });
    const sent = broker.accepted.map((batch) => batch.toString('latin1')).join('');
    expect(lines.map((line) => sent.split(line).length - 1)).toEqual([2, 0, 1, 0, 1]);
    // After a success nothing is remembered.
    broker.produceError = 0;
    expect(await output.write(testBatch(['a v=1i 1']))).toBeUndefined();
    expect(broker.accepted.at(-1)?.includes('a v=1i 1')).toBe(true);
  });
});

/** Of the answer to a record batch: length (4), correlation ID (4), number of topics (4), name (2 + 8), partitions (4), partition (4). */
const [CORRELATION_AT, TOPICS_AT, NAME_AT, PARTITION_AT] = [4, 8, 14, 26];

describe('no line counts as stored', () => {
  const changed = (change: (answer: Buffer) => void) => (answer: Buffer, socket: Socket) => {
    change(answer);
    socket.write(answer);
  };

  test.each<readonly [string, FakeKafka['onTheWay']]>([
    [
      'names no topic',
      (answer, socket) =>
        socket.write(Buffer.from([0, 0, 0, 12, ...answer.subarray(4, 8), ...Array<number>(8).fill(0)])),
    ],
    ['names another topic', changed((answer) => answer.write('x', NAME_AT))],
    ['names another partition', changed((answer) => answer.writeInt32BE(1, PARTITION_AT))],
    ['is to another request', changed((answer) => answer.writeInt32BE(answer.readInt32BE(4) - 1, CORRELATION_AT))],
    ['counts more than it has', changed((answer) => answer.writeInt32BE(2, TOPICS_AT))],
    ['ends in the middle', (answer, socket) => socket.end(answer.subarray(0, -9))],
    ['is broken off', (answer, socket) => socket.write(answer.subarray(0, -9), () => socket.resetAndDestroy())],
    ['does not come', (_, socket) => socket.end()],
  ])('after an answer that %s', async (_, onTheWay) => {
    const { onTheWay: normal } = broker;
    broker.onTheWay = onTheWay;
    const output = await open({ compression: 'none' });
    expect(await output.write(BATCH)).toBeInstanceOf(RetryableError);
    broker.onTheWay = normal;
    broker.accepted.splice(0);
    expect(await output.write(BATCH)).toBeUndefined();
    expect(broker.accepted.map((batch) => [batch.includes('a n=1i 1'), batch.includes('b n=2i 2')])).toEqual([
      [true, true],
    ]);
  });

  test('while the answer is awaited, whatever comes after the deadline', async () => {
    const late: (() => void)[] = [];
    const { onTheWay: normal } = broker;
    broker.onTheWay = (answer, socket) => late.push(() => socket.write(answer));
    const output = await open({ compression: 'none' });
    expect((await output.write(BATCH, AbortSignal.timeout(50)))?.name).toBe('TimeoutError');
    broker.onTheWay = (answer, socket) => {
      for (const send of late.splice(0)) send();
      normal(answer, socket);
    };
    broker.produceError = 19;
    expect(await output.write(BATCH)).toBeInstanceOf(RetryableError);
    broker.produceError = 0;
    expect(await output.write(BATCH)).toBeUndefined();
  });
});

test('an answer may come byte by byte', async () => {
  broker.onTheWay = (answer, socket) => {
    for (const byte of answer) socket.write(Buffer.from([byte]));
  };
  const output = await open();
  for (let round = 0; round < 3; round += 1) expect(await output.write(BATCH)).toBeUndefined();
});

test.each([
  ['HTTP/1.1 400 Bad Request\r\n\r\n', /answers with something that is not Kafka; correct brokers$/],
  ['\x15\x03\x03\x00\x02\x02\x16', /answers with TLS; set enable_tls$/],
  ['\x00\x00\x00\x08\x00\x00\x00\x07abcd', /answers with something that is not Kafka; correct brokers/],
  [
    '\x00\x00\x00\x0a\x00\x00\x00\x01\x00\x00\x7f\xff\xff\xff',
    /answers with something that is not Kafka; correct brokers/,
  ],
])('an answer that is not Kafka (%j) is refused', async (bytes, text) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.write(bytes, 'latin1'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const output = await open({ brokers: [`127.0.0.1:${(server.address() as AddressInfo).port}`] });
  expect(String(await output.connect())).toMatch(text);
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  [3, /does not have topic "telegraf"; create it or correct topic \(UNKNOWN_TOPIC_OR_PARTITION\)/],
  [5, /has no leader yet for topic "telegraf", which may be new \(LEADER_NOT_AVAILABLE\)/],
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
  expect((other as Error).message).toMatch(/does not support sasl.mechanism; choose another one/);
});

test.each([
  [{ required_acks: 0 }, /expected one of -1\|1/],
  [{ brokers: ['kafka://a:9092'] }, /must be host:port/],
  [{ topic: 'a b' }, /letters, digits/],
  [{ routing_key: 'a', routing_tag: 'b' }, /not both/],
])('rejects %j', (options, text) => {
  expect(kafka.config.safeParse({ brokers: ['a:9092'], ...options }).error?.message).toMatch(text);
});
