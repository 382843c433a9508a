/** The output against a real nats-server. */
import { DiscardPolicy } from '@nats-io/jetstream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { nats } from '../../../src/outputs/nats/index.ts';
import { PartialWriteError, RetryableError } from '../../../src/plugin/index.ts';
import { outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { certificateFiles, selfSigned } from '../../support/kit/certificate.ts';
import {
  NATS,
  openStreamReader,
  startNatsServer,
  type NatsServer,
  type StreamReader,
} from '../../support/servers/nats-server.ts';
import { openOutput, type OpenOutput } from '../../support/kit/open-output.ts';
import { findBinary, freePort, freeze, testWith, waitFor } from '../../support/servers/real-server.ts';

const realTest = testWith(NATS);
const hasServer = findBinary(NATS.binary) !== undefined;
const BATCH = testBatch(['cpu,host=a n=1i 1', 'mem,host=a n=2i 2', 'cpu,host=a n=3i 3']);

let server: NatsServer;
let reader: StreamReader;
let streams = 0;
const opened: OpenOutput[] = [];

beforeAll(async () => {
  if (!hasServer) return;
  server = await startNatsServer(['max_payload: 4096']);
  reader = await openStreamReader(server.url);
});

afterEach(async () => {
  for (const output of opened.splice(0)) await output.close();
});

afterAll(async () => {
  if (!hasServer) return;
  await reader.close();
  await server.stop();
});

function freshStream(): string {
  streams += 1;
  return `stream-${streams}`;
}

async function open(options: object, url = server.url): Promise<OpenOutput> {
  const output = await openOutput(nats, { servers: [url], ...options });
  opened.push(output);
  return output;
}

async function withServer(
  extra: readonly string[],
  body: (server: NatsServer) => Promise<void>,
  settings?: { readonly jetstream: boolean },
): Promise<void> {
  const other = await startNatsServer(extra, settings);
  try {
    await body(other);
  } finally {
    await other.stop();
  }
}

const payloads = (messages: readonly { readonly payload: string }[]) => messages.map(({ payload }) => payload).join('');

if (hasServer) {
  describe('contract', () => {
    outputContract(
      () => Promise.resolve(nats),
      async () => {
        const stream = freshStream();
        await reader.manager.streams.add({ name: stream, subjects: [`${stream}.>`] });
        const subject = `${stream}.{host}.{measurement}`;
        return {
          options: { servers: [server.url], stream, subject, deduplicate: false },
          received: async () => Buffer.from(payloads(await reader.messages(stream))),
          close() {},
        };
      },
    );
  });
}

realTest('creates a missing stream with the subjects of the template', async () => {
  const stream = freshStream();
  const subject = `${stream}.{host}.x{measurement}.{tag.path}`;
  const options = { stream, create_stream: true, stream_max_age: '1h', subject, format: 'json' };
  const output = await open(options);
  expect(await output.write(testBatch(['disk,host=a.b,path=/var\\ x n=1i 1', 'mem n=2i 2']))).toBeUndefined();
  const messages = await reader.messages(stream);
  expect(messages.map((message) => message.subject)).toEqual([`${stream}.a_b.xdisk./var_x`, `${stream}._.xmem._`]);
  expect(messages[1]?.payload).toBe('{"fields":{"n":2},"name":"mem","tags":{},"timestamp":0}\n');
  const { config } = await reader.manager.streams.info(stream);
  expect(config.subjects).toEqual([`${stream}.*.*.*`]);
  expect(config.max_age).toBe(3_600_000_000_000);
  expect(await (await open(options)).connect()).toBeUndefined();
});

realTest('messages that are sent again within the duplicate window are stored once', async () => {
  const stream = freshStream();
  const output = await open({ stream, create_stream: true, subject: `${stream}.{measurement}` });
  expect(await output.write(BATCH)).toBeUndefined();
  expect(await output.write(BATCH)).toBeUndefined();
  expect(payloads(await reader.messages(stream))).toBe(Buffer.from(BATCH.lines).toString());
});

realTest('thousands of messages keep their order', async () => {
  const stream = freshStream();
  const output = await open({ stream, create_stream: true, subject: stream });
  const batch = testBatch(Array.from({ length: 2000 }, (_, index) => `many n=${index}i 1`));
  expect(await output.write(batch)).toBeUndefined();
  expect(payloads(await reader.messages(stream))).toBe(Buffer.from(batch.lines).toString());
});

realTest('reports that no stream has the subject, or that another one has it', async () => {
  const nobody = await (await open({ subject: 'nobody.{host}' })).write(BATCH);
  expect(nobody).toBeInstanceOf(RetryableError);
  expect(String(nobody)).toMatch(/subject "nobody\.a": no responders: no stream has the subject.*create_stream/);
  const stream = freshStream();
  expect(await (await open({ stream, create_stream: true, subject: stream })).connect()).toBeUndefined();
  const other = await (await open({ stream: 'other', subject: stream })).write(BATCH);
  expect(other).toBeInstanceOf(RetryableError);
  expect(String(other)).toMatch(/it has this subject in another stream/);
  const overlapping = await open({ stream: `${stream}-b`, create_stream: true, subject: stream });
  expect(String(await overlapping.connect())).toMatch(/it has these subjects in another stream already/);
});

realTest('a server without JetStream is reported; it suffices with jetstream: false', () =>
  withServer(
    [],
    async ({ url }) => {
      expect(String(await (await open({}, url)).write(BATCH))).toMatch(/no responders/);
      const { connect } = await import('@nats-io/transport-node');
      const listener = await connect({ servers: [url] });
      const received: string[] = [];
      listener.subscribe('telegraf.>', {
        callback: (_, message) => {
          received.push(message.string());
        },
      });
      await listener.flush();
      expect(await (await open({ jetstream: false }, url)).write(BATCH)).toBeUndefined();
      await waitFor(() => received.length === 3, { interval: 2 });
      expect(received.join('')).toBe(Buffer.from(BATCH.lines).toString());
      await listener.close();
    },
    { jetstream: false },
  ),
);

realTest('a subject that is too long is rejected, the others are stored', () =>
  withServer([], async ({ url }) => {
    const lines = [3900, 4000, 70_000].map((length) => `cpu,path=${'x'.repeat(length)} n=1i 1`);
    for (const options of [{ stream: 'long', create_stream: true }, { jetstream: false }]) {
      const output = await open({ subject: 'long.{tag.path}', ...options }, url);
      const error = await output.write(testBatch(lines));
      expect(error).toBeInstanceOf(PartialWriteError);
      expect((error as PartialWriteError).refused).toEqual([1, 2]);
    }
  }),
);

realTest('a message that is too large is rejected, the others are stored', async () => {
  const stream = freshStream();
  const output = await open({ stream, create_stream: true, subject: stream });
  const error = await output.write(testBatch(['a n=1i 1', `b t="${'x'.repeat(4096)}" 2`, 'c n=3i 3']));
  expect(error).toBeInstanceOf(PartialWriteError);
  expect((error as PartialWriteError).refused).toEqual([1]);
  await reader.manager.streams.update(stream, { max_msg_size: 100 });
  const second = await output.write(testBatch(['d n=4i 4', `e t="${'x'.repeat(100)}" 5`]));
  expect((second as PartialWriteError).refused).toEqual([1]);
  expect(payloads(await reader.messages(stream))).toBe('a n=1i 1\nc n=3i 3\nd n=4i 4\n');
});

realTest('a full stream is a temporary error', async () => {
  const stream = freshStream();
  await reader.manager.streams.add({ name: stream, subjects: [stream], max_msgs: 2, discard: DiscardPolicy.New });
  const error = await (await open({ stream, subject: stream })).write(BATCH);
  expect(error).toBeInstanceOf(RetryableError);
  expect(String(error)).toMatch(/maximum messages exceeded/);
});

realTest('credentials: user and password, token, and missing permissions', async () => {
  const users = '{ user: joe, password: right-password, permissions: { publish: ["allowed.>", "$JS.API.>"] } }';
  await withServer([`authorization: { users: [${users}] }`], async ({ url }) => {
    const right = { username: 'joe', password: 'right-password' };
    const stream = { stream: 's', create_stream: true };
    expect(await (await open({ ...right, ...stream, subject: 'allowed.{host}' }, url)).write(BATCH)).toBeUndefined();
    for (const wrong of [{}, { username: 'joe', password: 'wrong-password' }, { token: 'wrong-token' }]) {
      const output = await open(wrong, url);
      for (const error of [await output.connect(), await output.write(BATCH)]) {
        expect(error).toBeInstanceOf(RetryableError);
        expect(String(error)).toMatch(/nats:.*: rejected the credentials; check username/);
        expect(String(error)).not.toMatch(/wrong-/);
      }
    }
    for (const jetstream of [true, false]) {
      const error = await (await open({ ...right, jetstream, subject: 'forbidden.{host}' }, url)).write(BATCH);
      expect(error).toBeInstanceOf(RetryableError);
      expect(String(error)).toMatch(/permission denied for this user: .*forbidden\.a/);
    }
  });
  await withServer(['authorization: { token: right-token }'], async ({ url }) => {
    expect(await (await open({ token: 'right-token' }, url)).connect()).toBeUndefined();
  });
});

realTest('TLS: the certificate is verified', async () => {
  const files = certificateFiles(await selfSigned());
  try {
    await withServer([`tls: { cert_file: "${files.cert}", key_file: "${files.key}" }`], async ({ url }) => {
      const untrusting = await open({}, url);
      expect(String(await untrusting.connect())).toMatch(/certificate is self-signed; name it in tls.ca/);
      const tls = { ca: files.cert };
      const options = { tls, stream: 's', create_stream: true };
      expect(await (await open(options, url.replace('nats', 'tls'))).write(BATCH)).toBeUndefined();
    });
    const plain = await open({ tls: { ca: files.cert } }, server.url.replace('nats', 'tls'));
    expect(String(await plain.connect())).toMatch(/does not support 'tls'/);
  } finally {
    files.remove();
  }
});

realTest('a batch is not acknowledged when the server is killed in the middle of it; the next write reconnects', () =>
  withServer([], async (other) => {
    const output = await open({ stream: 's', create_stream: true, subject: 's.{measurement}' }, other.url);
    expect(await output.connect()).toBeUndefined();
    await freeze(other.pid);
    const write = output.write(BATCH);
    process.kill(other.pid, 'SIGKILL');
    const error = await write;
    expect(error).toBeInstanceOf(RetryableError);
    expect(String(error)).toMatch(/connection/);
    await other.halt();
    expect(String(await output.write(BATCH))).toMatch(/nothing listens there; start the server or correct servers/);
    await other.resume();
    expect(await output.write(BATCH)).toBeUndefined();
    await other.halt();
    await other.resume();
    // Restarted while idle: no error, and the messages are still stored only once.
    expect(await output.write(BATCH)).toBeUndefined();
    const after = await openStreamReader(other.url);
    expect(payloads(await after.messages('s'))).toBe(Buffer.from(BATCH.lines).toString());
    await after.close();
  }),
);

realTest('an abort ends the wait for a server that hangs', () =>
  withServer([], async (slow) => {
    const output = await open({ stream: 's', create_stream: true, subject: 's' }, slow.url);
    expect(await output.connect()).toBeUndefined();
    await freeze(slow.pid);
    expect(String(await output.write(BATCH, AbortSignal.timeout(100)))).toMatch(/TimeoutError/);
    expect(String(await output.connect(AbortSignal.timeout(100)))).toMatch(/TimeoutError/);
    process.kill(slow.pid, 'SIGCONT');
    expect(await output.write(BATCH)).toBeUndefined();
  }),
);

test('reports that nothing listens, or that the credentials file is missing', async () => {
  const url = `nats://127.0.0.1:${await freePort()}`;
  expect(String(await (await open({}, url)).connect())).toBe(
    `RetryableError: ${url}: nothing listens there; start the server or correct servers (ECONNREFUSED)`,
  );
  const unreadable = await (await open({ credentials_file: '/nowhere/x.creds' }, url)).connect();
  expect(unreadable).toBeInstanceOf(RetryableError);
  expect(String(unreadable)).toMatch(/Cannot read credentials_file: ENOENT/);
});

test.each([
  [{ servers: ['http://a'] }, /must begin with nats/],
  [{ servers: ['nats://joe:secret@a'] }, /must not contain credentials/],
  [{ servers: ['nats://a'], subject: 'a.>' }, /must not contain blanks, or \* and >/],
  [{ servers: ['nats://a'], subject: 'a..{tag.b}' }, /must not have empty tokens/],
  [{ servers: ['nats://a'], create_stream: true }, /is missing; create_stream requires it/],
  [
    { servers: ['nats://a'], username: 'joe', token: 'x' },
    /give only one of username and password, token, or credentials_file/,
  ],
  [{ servers: ['nats://a'], jetstream: false, stream: 's' }, /requires jetstream: true/],
])('rejects %j', (options, text) => {
  const { error } = nats.config.safeParse(options);
  expect(error?.message).toMatch(text);
  expect(error?.message).not.toContain('secret@');
});
