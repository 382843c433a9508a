/** The output against Apache Kafka: delivery, refusals, credentials, TLS, and a broker that is killed. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals';

import { kafka } from '../../../src/outputs/kafka/index.ts';
import { PartialWriteError, RetryableError } from '../../../src/plugin/index.ts';
import { outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { openOutput, type OpenOutput } from '../../support/kit/open-output.ts';
import { installedTest, isInstalled } from '../../support/servers/installed-server.ts';
import { CREDENTIALS, MAX_BATCH_BYTES, startKafka, type Kafka } from '../../support/servers/kafka.ts';
import { waitFor } from '../../support/servers/real-server.ts';

const kafkaTest = installedTest('kafka');

let server: Kafka;
let topics = 0;
const opened: OpenOutput[] = [];

beforeAll(async () => {
  if (isInstalled('kafka')) server = await startKafka();
}, 90_000);

afterEach(async () => {
  for (const output of opened.splice(0)) await output.close();
});

afterAll(async () => {
  if (isInstalled('kafka')) await server.stop();
}, 30_000);

async function open(options: object): Promise<OpenOutput> {
  const output = await openOutput(kafka, { brokers: [server.plain], ...options });
  opened.push(output);
  return output;
}

/** A broker creates a topic when it is asked for it, and has its leaders a little later. */
async function freshTopic(): Promise<string> {
  topics += 1;
  const topic = `topic-${topics}`;
  const output = await open({ topic });
  await waitFor(async () => (await output.connect()) === undefined);
  // A topic is ready before each of its partitions.
  await waitFor(async () => (await output.write(testBatch(hosts(1)))) === undefined);
  return topic;
}

/** A line for each of twenty hosts, which are spread over all partitions. */
function hosts(value: number): readonly string[] {
  return Array.from({ length: 20 }, (_, host) => `m,host=h${host} v=${value}i ${value}`);
}

const sorted = (lines: readonly string[]) => [...lines].sort();

/** Without the lines of `freshTopic`. */
const payloads = async (topic: string) => (await server.read(topic)).replace(/^m,host=h\d+ v=1i 1\n/gm, '');

if (isInstalled('kafka')) {
  describe('contract', () => {
    outputContract(
      () => Promise.resolve(kafka),
      async () => {
        const topic = await freshTopic();
        const options = { brokers: [server.plain], topic, routing_key: 'one' };
        return { options, received: async () => Buffer.from(await payloads(topic)), close() {} };
      },
    );
  });
}

kafkaTest('a key selects the partition that the Java client and librdkafka select', async () => {
  const topic = await freshTopic();
  const output = await open({ topic });
  const keys = Array.from({ length: 60 }, (_, length) => 'é'.repeat(length % 3) + 'x'.repeat(length));
  const lines = keys.map((key) => `m,host=${key === '' ? 'a' : key} v=1i 1700000000123456789`);
  expect(await output.write(testBatch(lines))).toBeUndefined();
  await server.produce(
    topic,
    'murmur2',
    keys.map((key) => (key === '' ? 'a' : key)),
  );
  const read = (await server.read(topic, '%p %k %T\n')).trim().split('\n');
  const ours = read.filter((line) => line.endsWith(' 1700000000123'));
  const theirs = read.filter((line) => !/ h\d+ \d+$/.test(line) && !line.endsWith(' 1700000000123'));
  const placed = (all: readonly string[]) => all.map((line) => line.replace(/ \d+$/, '')).sort();
  expect(ours).toHaveLength(60);
  expect(placed(ours)).toEqual(placed(theirs));
  expect(new Set(ours.map((line) => line[0])).size).toBe(4);
});

kafkaTest('lines without a key go to one partition for each batch, and to another one the next time', async () => {
  const topic = await freshTopic();
  const output = await open({ topic, compression: 'none', required_acks: 1 });
  for (const time of [5, 6, 7, 8])
    expect(await output.write(testBatch([`a n=1i ${time}`, `b n=2i ${time}`]))).toBeUndefined();
  const read = (await server.read(topic, '%p %s')).split('\n').filter((line) => /^\d [ab] /.test(line));
  const byPartition = ['0', '1', '2', '3'].map((partition) => read.filter((line) => line.startsWith(partition)).length);
  expect(byPartition).toEqual([2, 2, 2, 2]);
});

kafkaTest(
  'S-007: a message too large for the broker is refused alone, without smaller batches for the others',
  async () => {
    const topic = await freshTopic();
    const output = await open({ topic });
    const large = `m,host=h3 text="${randomBytes(MAX_BATCH_BYTES).toString('base64')}" 2`;
    const lines = [...hosts(2), large, ...hosts(3)];
    const error = await output.write(testBatch(lines));
    expect(error).toBeInstanceOf(PartialWriteError);
    expect((error as PartialWriteError).refused).toEqual([20]);
    expect(await payloads(topic)).toHaveLength([...hosts(2), ...hosts(3)].join('\n').length + 1);
    expect(await output.write(testBatch(hosts(4)))).toBeUndefined();
  },
);

kafkaTest('a batch that is too large for the topic as a whole is sent in parts', async () => {
  const topic = await freshTopic();
  const output = await open({ topic });
  const lines = Array.from(
    { length: 40 },
    (_, n) => `m,host=a text="${randomBytes(6000).toString('base64')}" ${n + 5}`,
  );
  expect(await output.write(testBatch(lines))).toBeUndefined();
  expect(await payloads(topic)).toBe(`${lines.join('\n')}\n`);
});

kafkaTest('S-016: each refused line has its own reason', async () => {
  const topic = await freshTopic();
  const output = await open({ topic, max_message_bytes: '300kB' });
  const inTwoHours = BigInt(Date.now() + 7_200_000) * 1_000_000n;
  const text = (bytes: number) => randomBytes(bytes).toString('base64');
  const lines = [
    'm,host=a v=1i 5',
    `m,host=a v=2i ${inTwoHours}`,
    `m,host=a text="${text(MAX_BATCH_BYTES)}" 5`,
    `m,host=a text="${text(300_000)}" 5`,
    'm,host=a v=3i 6',
  ];
  const error = (await output.write(testBatch(lines))) as PartialWriteError;
  expect(error).toBeInstanceOf(PartialWriteError);
  expect(error.refused).toEqual([1, 2, 3]);
  expect(error.reasons).toEqual([
    expect.stringMatching(/^the broker refused it \(INVALID_TIMESTAMP\): Timestamp \d+ /),
    expect.stringMatching(/^the broker refused it \(MESSAGE_TOO_LARGE\)/),
    'longer than max_message_bytes (300000)',
  ]);
  expect(await payloads(topic)).toBe(`${lines[0]}\n${lines[4]}\n`);
});

kafkaTest('credentials and TLS', async () => {
  const topic = await freshTopic();
  const write = async (options: object) => (await open({ topic, ...options })).write(testBatch(hosts(2)));
  const scram = { mechanism: 'scram-sha-512', ...CREDENTIALS };
  expect(await write({ brokers: [server.sasl], sasl: scram })).toBeUndefined();
  expect(await write({ brokers: [server.sasl], sasl: { ...scram, mechanism: 'plain' } })).toBeUndefined();
  const tls = { enable_tls: true, tls: { ca: server.certificate } };
  expect(await write({ brokers: [server.tls], ...tls })).toBeUndefined();
  for (const mechanism of ['plain', 'scram-sha-512']) {
    const wrong = await write({ brokers: [server.sasl], sasl: { ...scram, mechanism, password: 'wrong-password' } });
    expect(wrong).toBeInstanceOf(RetryableError);
    expect(wrong?.message).toBe(
      `${server.sasl} rejected the credentials; check sasl.username and sasl.password (SASL_AUTHENTICATION_FAILED)`,
    );
  }
  const other = await write({ brokers: [server.sasl], sasl: { ...scram, mechanism: 'scram-sha-256' } });
  expect(other?.message).toMatch(
    /does not support sasl.mechanism; choose another one \(.*(PLAIN, SCRAM-SHA-512|SCRAM-SHA-512, PLAIN)\)$/,
  );
});

kafkaTest(
  'S-018: a port that expects SASL or TLS, or does not, fails with advice',
  async () => {
    const sasl = { mechanism: 'plain', ...CREDENTIALS };
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ brokers: [server.sasl] }, /requires SASL: set sasl$/],
      [{ brokers: [server.tls] }, /set enable_tls$/],
      [{ brokers: [server.plain], sasl }, /does not expect a login on this port; remove sasl, or correct the port/],
      [{ brokers: [server.plain], enable_tls: true }, /during the TLS handshake; .* set enable_tls: false/],
    ];
    for (const [options, advice] of cases) {
      const output = await open(options);
      for (const error of [await output.connect(), await output.write(testBatch(hosts(2)))]) {
        expect(error).toBeInstanceOf(RetryableError);
        expect(error?.message).toMatch(advice);
      }
    }
  },
  60_000,
);

kafkaTest('connections that the broker closes, idle or after the lifetime of a login, are opened again', async () => {
  const topic = await freshTopic();
  const idle = await open({ topic });
  const login = await open({ topic, brokers: [server.sasl], sasl: { mechanism: 'plain', ...CREDENTIALS } });
  expect(await idle.write(testBatch(hosts(2)))).toBeUndefined();
  const until = performance.now() + 4500;
  while (performance.now() < until) {
    expect(await login.write(testBatch(hosts(3)))).toBeUndefined();
    await sleep(300);
  }
  expect(await idle.write(testBatch(hosts(4)))).toBeUndefined();
});

describe('a broker that is killed', () => {
  kafkaTest(
    'S-006, S-015: delays only the lines of its partitions; the others are stored once',
    async () => {
      let second = await server.startSecond();
      const topic = await freshTopic();
      const leaders = await server.leaders(topic);
      const partitions = (await server.read(topic, '%k %p\n')).trim().split('\n');
      const led = (leader: number) =>
        partitions.map((line) => line.split(' ')).filter(([, partition]) => leaders.get(Number(partition)) === leader);
      const [alive, dead] = [led(1).map(([key = '']) => key), led(2).map(([key = '']) => key)];
      expect([alive.length > 0, dead.length > 0]).toEqual([true, true]);
      process.kill(second.pid, 'SIGKILL');
      await waitFor(async () => [...(await server.leaders(topic)).values()].includes(-1));

      const own = await open({ topic });
      expect(await own.connect()).toBeUndefined();
      expect(await own.write(testBatch(alive.map((host) => `m,host=${host} v=2i 2`)))).toBeUndefined();
      expect(await own.write(testBatch(['without_key v=2i 2']))).toBeUndefined();

      const mixed = await open({ topic });
      const batch = testBatch([...alive, ...dead].map((host) => `m,host=${host} v=3i 3`));
      const gone = [...leaders].filter(([, leader]) => leader === 2).map(([partition]) => partition);
      const named = [...new Set(led(2).map(([, partition]) => Number(partition)))];
      expect(gone).toEqual(expect.arrayContaining(named));
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const error = await mixed.write(batch);
        expect(error).toBeInstanceOf(RetryableError);
        expect(error?.message).toMatch(
          / has no leader for partitions? [\d, ]+ of topic "topic-\d+"; bring its broker back/,
        );
        for (const partition of named) expect(error?.message).toMatch(new RegExp(`partitions? .*\\b${partition}\\b`));
        const left = attempt === 0 ? alive.length + dead.length : dead.length;
        expect(error?.message).toMatch(new RegExp(`; ${dead.length} of ${left} lines wait$`));
      }
      second = await server.startSecond();
      await waitFor(async () => (await mixed.write(batch)) === undefined, { timeout: 20_000, interval: 200 });
      const read = (await server.read(topic)).split('\n').filter((line) => line.endsWith(' v=3i 3'));
      expect(sorted(read)).toEqual(sorted([...alive, ...dead].map((host) => `m,host=${host} v=3i 3`)));
    },
    90_000,
  );
});
