/** The output against a real Mosquitto 2. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { mqtt } from '../../../src/outputs/mqtt/index.ts';
import { PartialWriteError, RetryableError, TooLargeError } from '../../../src/plugin/index.ts';
import { outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { certificateFiles, selfSigned } from '../../support/kit/certificate.ts';
import {
  MOSQUITTO,
  startMosquitto,
  subscribe,
  type Mosquitto,
  type MosquittoSettings,
} from '../../support/servers/mosquitto.ts';
import { openOutput, type OpenOutput } from '../../support/kit/open-output.ts';
import { findBinary, freePort, freeze, testWith } from '../../support/servers/real-server.ts';

const realTest = testWith(MOSQUITTO);
const hasBroker = findBinary(MOSQUITTO.binary) !== undefined;
const BATCH = testBatch(['cpu,host=a n=1i 1', 'mem,host=a n=2i 2', 'cpu,host=a n=3i 3']);

let broker: Mosquitto;
const opened: OpenOutput[] = [];

beforeAll(async () => {
  if (hasBroker) broker = await startMosquitto();
});

afterEach(async () => {
  for (const output of opened.splice(0)) await output.close();
});

afterAll(async () => {
  if (hasBroker) await broker.stop();
});

async function open(options: object, url = broker.url): Promise<OpenOutput> {
  const output = await openOutput(mqtt, { servers: [url], ...options });
  opened.push(output);
  return output;
}

async function withBroker(settings: MosquittoSettings, body: (broker: Mosquitto) => Promise<void>): Promise<void> {
  const server = await startMosquitto(settings);
  try {
    await body(server);
  } finally {
    await server.stop();
  }
}

const payloads = (messages: readonly { readonly payload: string }[]) => messages.map(({ payload }) => payload).join('');

if (hasBroker) {
  describe.each(['3.1.1', '5'] as const)('contract, MQTT %s', (protocol) => {
    outputContract(
      () => Promise.resolve(mqtt),
      async () => {
        const subscriber = await subscribe(broker.url);
        return {
          options: { servers: [broker.url], protocol },
          received: async () => Buffer.from(payloads(await subscriber.received())),
          close: () => subscriber.close(),
        };
      },
    );
  });
}

realTest('tag values add no topic levels or wildcards, and missing values become _', async () => {
  const subscriber = await subscribe(broker.url);
  const output = await open({ topic: 'site/{host}/{measurement}/{tag.path}', format: 'json', qos: 2 });
  expect(await output.write(testBatch(['disk,host=a+b,path=/var/#1 n=1i 1', 'mem n=2i 2']))).toBeUndefined();
  const messages = await subscriber.received();
  await subscriber.close();
  expect(messages.map(({ topic }) => topic)).toEqual(['site/a_b/disk/_var__1', 'site/_/mem/_']);
  expect(messages[1]?.payload).toBe('{"fields":{"n":2},"name":"mem","tags":{},"timestamp":0}\n');
});

realTest('layout batch makes one message per topic; retain keeps them on the broker', async () => {
  const output = await open({ layout: 'batch', topic: 'batched/{measurement}', retain: true });
  expect(await output.write(BATCH)).toBeUndefined();
  const late = await subscribe(broker.url, 'batched/#');
  const messages = [...(await late.received())].sort((a, b) => a.topic.localeCompare(b.topic));
  await late.close();
  expect(messages).toEqual([
    { topic: 'batched/cpu', payload: 'cpu,host=a n=1i 1\ncpu,host=a n=3i 3\n', retain: true },
    { topic: 'batched/mem', payload: 'mem,host=a n=2i 2\n', retain: true },
  ]);
});

realTest('thousands of messages keep their order', async () => {
  const subscriber = await subscribe(broker.url, 'telegraf/#');
  const batch = testBatch(Array.from({ length: 3000 }, (_, index) => `many,host=a n=${index}i 1`));
  expect(await (await open({})).write(batch)).toBeUndefined();
  expect(payloads(await subscriber.received())).toBe(Buffer.from(batch.lines).toString());
  await subscriber.close();
});

realTest('credentials: right, wrong, none', () =>
  withBroker({ users: { joe: 'right-password' } }, async ({ url }) => {
    for (const protocol of ['3.1.1', '5']) {
      const right = await open({ username: 'joe', password: 'right-password', protocol }, url);
      expect(await right.write(BATCH)).toBeUndefined();
      const wrong = await open({ username: 'joe', password: 'wrong-password', protocol }, url);
      for (const error of [await wrong.connect(), await wrong.write(BATCH)]) {
        expect(error).toBeInstanceOf(RetryableError);
        expect(String(error)).toMatch(/mqtt:.* rejected the credentials; check username and password \(\d+\)$/);
      }
      expect(String(await (await open({ protocol }, url)).connect())).toMatch(/rejected the credentials/);
    }
  }),
);

realTest('messages that the access control list forbids do not count as delivered', () =>
  withBroker({ acl: ['topic readwrite allowed/#'] }, async ({ url }) => {
    const error = await (await open({ topic: 'forbidden/{host}' }, url)).write(BATCH);
    expect(error).toBeInstanceOf(RetryableError);
    expect(String(error)).toMatch(/topic "forbidden\/a": this user is not allowed to publish there; grant .* \(135\)/);
    expect(await (await open({ topic: 'allowed/{host}' }, url)).write(BATCH)).toBeUndefined();
  }),
);

realTest('a message larger than the maximum packet size is rejected, or split', () =>
  withBroker({ extra: ['max_packet_size 200'] }, async ({ url }) => {
    const subscriber = await subscribe(url);
    const batch = testBatch(['a,host=a n=1i 1', `b,host=a t="${'x'.repeat(200)}" 2`, 'c,host=a n=3i 3']);
    const error = await (await open({}, url)).write(batch);
    expect(error).toBeInstanceOf(PartialWriteError);
    expect((error as PartialWriteError).refused).toEqual([1]);
    expect(payloads(await subscriber.received())).toBe('a,host=a n=1i 1\nc,host=a n=3i 3\n');
    await subscriber.close();
    const joined = await open({ layout: 'batch', topic: 'all' }, url);
    expect(await joined.write(batch)).toBeInstanceOf(TooLargeError);
  }),
);

realTest('TLS: the certificate is verified', async () => {
  const files = certificateFiles(await selfSigned());
  try {
    await withBroker({ tls: files }, async ({ url }) => {
      const untrusting = await open({}, url);
      expect(String(await untrusting.connect())).toMatch(/certificate is self-signed; name it in tls.ca/);
      expect(await (await open({ tls: { ca: files.cert } }, url)).write(BATCH)).toBeUndefined();
      const plain = await open({}, url.replace('mqtts', 'mqtt'));
      expect(await plain.connect()).toBeInstanceOf(RetryableError);
    });
  } finally {
    files.remove();
  }
});

realTest('a batch is not acknowledged when the broker is killed in the middle of it; the next write reconnects', () =>
  withBroker({}, async (server) => {
    const output = await open({}, server.url);
    expect(await output.connect()).toBeUndefined();
    await freeze(server.pid);
    const write = output.write(BATCH);
    process.kill(server.pid, 'SIGKILL');
    const error = await write;
    expect(error).toBeInstanceOf(RetryableError);
    expect(String(error)).toMatch(/the connection was closed/);
    await server.halt();
    expect(String(await output.write(BATCH))).toMatch(/nothing listens there; start the broker or correct servers/);
    await server.resume();
    expect(await output.write(BATCH)).toBeUndefined();
  }),
);

realTest('a connection that broke while idle is replaced without an error', () =>
  withBroker({}, async (server) => {
    const output = await open({}, server.url);
    expect(await output.write(BATCH)).toBeUndefined();
    await server.halt();
    await server.resume();
    expect(await output.write(BATCH)).toBeUndefined();
  }),
);

realTest('a topic beyond the length limit of MQTT is rejected, the others are published', async () => {
  const output = await open({ topic: 'long/{tag.path}' });
  const error = await output.write(testBatch(['cpu,path=a n=1i 1', `cpu,path=${'x'.repeat(70_000)} n=2i 2`]));
  expect((error as PartialWriteError).refused).toEqual([1]);
  expect(String(error)).toMatch(/a topic of 70005 bytes exceeds the limit of MQTT/);
});

realTest('an abort ends the wait for a broker that hangs', async () => {
  const output = await open({});
  expect(await output.connect()).toBeUndefined();
  await freeze(broker.pid);
  try {
    expect(String(await output.write(BATCH, AbortSignal.timeout(100)))).toMatch(/TimeoutError/);
    expect(String(await output.connect(AbortSignal.timeout(100)))).toMatch(/TimeoutError/);
  } finally {
    process.kill(broker.pid, 'SIGCONT');
  }
  expect(await output.write(BATCH)).toBeUndefined();
});

realTest('the first server that responds is used', async () => {
  const output = await open({ servers: [`mqtt://127.0.0.1:${await freePort()}`, broker.url] });
  expect(await output.write(BATCH)).toBeUndefined();
});

test.each([
  [{ servers: ['http://a'] }, /must begin with mqtt/],
  [{ servers: ['mqtt://joe:secret@a'] }, /must not contain credentials/],
  [{ servers: ['mqtt://a'], topic: 'a/#' }, /must not contain \+ or #/],
  [{ servers: ['mqtt://a'], topic: 'a/{hots}' }, /has the unknown placeholder \{hots\}; use \{host\}/],
  [{ servers: ['mqtt://a'], topic: 'a/{host' }, /has an unmatched brace/],
  [{ servers: ['mqtt://a'], password: 'secret' }, /username|is missing/],
])('rejects %j', (options, text) => {
  const { error } = mqtt.config.safeParse(options);
  expect(error?.message).toMatch(text);
  expect(error?.message).not.toContain('secret@');
});
