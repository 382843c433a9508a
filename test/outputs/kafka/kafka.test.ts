/** The output against the mock broker of librdkafka, which has neither authentication nor TLS. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { kafka } from '../../../src/outputs/kafka/index.ts';
import { PartialWriteError, RetryableError } from '../../../src/plugin/index.ts';
import { outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { certificateFiles, selfSigned } from '../../support/kit/certificate.ts';
import { KAFKA, startKafkaBroker, type KafkaBroker } from '../../support/servers/kafka-broker.ts';
import { openOutput, type OpenOutput } from '../../support/kit/open-output.ts';
import { findBinary, freePort, freeze, testWith } from '../../support/servers/real-server.ts';

const realTest = testWith(KAFKA);
const hasBroker = findBinary(KAFKA.binary) !== undefined;

let broker: KafkaBroker;
let topics = 0;
const opened: OpenOutput[] = [];

beforeAll(async () => {
  if (hasBroker) broker = await startKafkaBroker();
});

afterEach(async () => {
  for (const output of opened.splice(0)) await output.close();
});

afterAll(async () => {
  if (hasBroker) await broker.stop();
});

function freshTopic(): string {
  topics += 1;
  return `topic-${topics}`;
}

async function open(options: object): Promise<OpenOutput> {
  const output = await openOutput(kafka, { brokers: [hasBroker ? broker.address : 'none:1'], ...options });
  opened.push(output);
  return output;
}

if (hasBroker) {
  describe('contract', () => {
    outputContract(
      () => Promise.resolve(kafka),
      () => {
        const topic = freshTopic();
        return {
          // Order is preserved only within a partition.
          options: { brokers: [broker.address], topic, routing_key: 'one' },
          received: async () => Buffer.from(await broker.read(topic)),
          close() {},
        };
      },
    );
  });
}

realTest('each metric is a message with its host as the key and its time', async () => {
  const topic = freshTopic();
  const output = await open({ topic, format: 'json', timestamp_units: '1ms' });
  expect(
    await output.write(testBatch(['cpu,host=a n=1i 1700000000123456789', 'cpu n=2i 1700000000000000000'])),
  ).toBeUndefined();
  const messages = (await broker.read(topic, '%k|%T|%s')).trim().split('\n').sort();
  expect(messages).toEqual(
    [
      'a|1700000000123|{"fields":{"n":1},"name":"cpu","tags":{"host":"a"},"timestamp":1700000000123}',
      '|1700000000000|{"fields":{"n":2},"name":"cpu","tags":{},"timestamp":1700000000000}',
    ].sort(),
  );
});

realTest('a tag selects the topic; invalid characters are replaced', async () => {
  const prefix = freshTopic();
  const output = await open({ topic: prefix, topic_tag: 'to', compression: 'none', required_acks: 1 });
  const lines = [`a,to=${prefix}/x n=1i 1`, 'b n=2i 2', `c,to=${prefix}/x n=3i 3`];
  expect(await output.write(testBatch(lines))).toBeUndefined();
  expect(await broker.read(`${prefix}_x`, '%s')).toMatch(/a,to=.* n=1i 1\n|c,to=.* n=3i 3\n/);
  expect((await broker.read(`${prefix}_x`)).trim().split('\n').sort()).toEqual([lines[0], lines[2]]);
  expect(await broker.read(prefix)).toBe('b n=2i 2\n');
});

realTest('a line that is too long is rejected, the others are stored', async () => {
  const topic = freshTopic();
  const output = await open({ topic, max_message_bytes: 100, routing_key: 'one' });
  const error = await output.write(testBatch(['a n=1i 1', `b text="${'x'.repeat(100)}" 2`, 'c n=3i 3']));
  expect(error).toBeInstanceOf(PartialWriteError);
  expect((error as PartialWriteError).refused).toEqual([1]);
  expect((error as Error).message).toMatch(
    /1 of the lines were permanently rejected: longer than max_message_bytes \(100\)/,
  );
  expect(await broker.read(topic)).toBe('a n=1i 1\nc n=3i 3\n');
});

test('a batch with only oversized lines does not connect to a broker', async () => {
  const output = await open({ brokers: [`127.0.0.1:${await freePort()}`], max_message_bytes: 5 });
  const error = await output.write(testBatch(['a n=1i 1', 'b n=2i 2']));
  expect(error).toBeInstanceOf(PartialWriteError);
  expect((error as PartialWriteError).refused).toEqual([0, 1]);
});

realTest('the first broker that responds is used', async () => {
  const topic = freshTopic();
  const output = await open({ brokers: [`127.0.0.1:${await freePort()}`, broker.address], topic });
  expect(await output.write(testBatch(['a n=1i 1']))).toBeUndefined();
  expect(await broker.read(topic)).toBe('a n=1i 1\n');
});

realTest('an abort ends the wait for a broker that hangs; it is used again after it recovers', async () => {
  const topic = freshTopic();
  const output = await open({ topic });
  expect(await output.connect()).toBeUndefined();
  await freeze(broker.pid);
  try {
    const start = performance.now();
    const error = await output.write(testBatch(['a n=1i 1']), AbortSignal.timeout(100));
    expect(String(error)).toMatch(/TimeoutError/);
    expect(performance.now() - start).toBeLessThan(2000);
  } finally {
    process.kill(broker.pid, 'SIGCONT');
  }
  expect(await output.write(testBatch(['b n=2i 2']))).toBeUndefined();
  // The aborted batch may have arrived, too.
  expect(await broker.read(topic)).toContain('b n=2i 2\n');
});

realTest('a broker that was killed is a temporary error', async () => {
  const other = await startKafkaBroker();
  try {
    const output = await open({ brokers: [other.address] });
    expect(await output.write(testBatch(['a n=1i 1']))).toBeUndefined();
    await other.stop();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const error = await output.write(testBatch(['a n=1i 1']));
      expect(error).toBeInstanceOf(RetryableError);
      expect((error as Error).message).toContain(other.address);
    }
    expect(await output.connect()).toMatchObject({
      message: `${other.address}: nothing listens there; start Kafka or correct brokers (ECONNREFUSED)`,
    });
  } finally {
    await other.stop();
  }
});

test('the error lists all brokers when all are down', async () => {
  const brokers = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const error = await (await open({ brokers })).connect();
  expect(error).toBeInstanceOf(RetryableError);
  expect((error as Error).message).toMatch(/^None of 2 servers accepted the lines: /);
  for (const each of brokers) expect((error as Error).message).toContain(`${each}: nothing listens there`);
});

test('S-008: there is no client package, and a decision says why', () => {
  const root = join(import.meta.dirname, '../../..');
  expect(readFileSync(join(root, 'package.json'), 'utf8')).not.toContain('kafka');
  expect(readFileSync(join(root, 'docs/decisions/016-kafka-protocol.md'), 'utf8')).toContain('@platformatic/kafka');
});

test('certificates are verified', async () => {
  const certificate = await selfSigned();
  const files = certificateFiles(certificate);
  const server = createServer(certificate, (socket) => socket.destroy()).on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const brokers = [`127.0.0.1:${(server.address() as AddressInfo).port}`];
  try {
    const untrusting = await open({ brokers, enable_tls: true });
    expect(String(await untrusting.connect())).toMatch(/certificate is self-signed; name it in tls.ca/);
    const trusting = await open({ brokers, enable_tls: true, tls: { ca: files.cert } });
    expect(String(await trusting.connect())).toMatch(
      /: 127\.0\.0\.1:\d+ closed the connection after the TLS handshake;/,
    );
  } finally {
    await new Promise((resolve) => server.close(resolve));
    files.remove();
  }
});
