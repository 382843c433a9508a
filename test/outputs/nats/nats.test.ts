/** Against nats-server. */
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

realTest('creates the stream that is missing, with the subjects that there will be', async () => {
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

realTest('what is sent again within the window of the stream is there once', async () => {
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

realTest('says that no stream takes the subject, or that it is not the one', async () => {
  const nobody = await (await open({ subject: 'nobody.{host}' })).write(BATCH);
  expect(nobody).toBeInstanceOf(RetryableError);
  expect(String(nobody)).toMatch(/subject "nobody\.a": no responders: there is no stream for it.*create_stream/);
  const stream = freshStream();
  expect(await (await open({ stream, create_stream: true, subject: stream })).connect()).toBeUndefined();
  const other = await (await open({ stream: 'other', subject: stream })).write(BATCH);
  expect(other).toBeInstanceOf(RetryableError);
  expect(String(other)).toMatch(/it gives this subject to another stream/);
  const overlapping = await open({ stream: `${stream}-b`, create_stream: true, subject: stream });
  expect(String(await overlapping.connect())).toMatch(/it gives these subjects to another stream already/);
});

realTest('a server without JetStream is told so; without jetstream it is enough', () =>
  withServer(
    [],
    async ({ url }) => {
      expect(String(await (await open({}, url)).write(BATCH))).toMatch(/no responders/);
      const { connect } = await import('@nats-io/transport-node');
      const listener = await connect({ servers: [url] });
      const heard: string[] = [];
      listener.subscribe('telegraf.>', {
        callback: (_, message) => {
          heard.push(message.string());
        },
      });
      await listener.flush();
      expect(await (await open({ jetstream: false }, url)).write(BATCH)).toBeUndefined();
      await waitFor(() => heard.length === 3, { interval: 2 });
      expect(heard.join('')).toBe(Buffer.from(BATCH.lines).toString());
      await listener.close();
    },
    { jetstream: false },
  ),
);

realTest('a subject that is too long is refused, the others are stored', () =>
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

realTest('a message that is too large is refused, the others are stored', async () => {
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

realTest('a stream that is full is a reason to try again', async () => {
  const stream = freshStream();
  await reader.manager.streams.add({ name: stream, subjects: [stream], max_msgs: 2, discard: DiscardPolicy.New });
  const error = await (await open({ stream, subject: stream })).write(BATCH);
  expect(error).toBeInstanceOf(RetryableError);
  expect(String(error)).toMatch(/maximum messages exceeded/);
});

realTest('credentials: user and password, token, and what a user may not do', async () => {
  const users = '{ user: joe, password: right-password, permissions: { publish: ["allowed.>", "$JS.API.>"] } }';
  await withServer([`authorization: { users: [${users}] }`], async ({ url }) => {
    const right = { username: 'joe', password: 'right-password' };
    const stream = { stream: 's', create_stream: true };
    expect(await (await open({ ...right, ...stream, subject: 'allowed.{host}' }, url)).write(BATCH)).toBeUndefined();
    for (const wrong of [{}, { username: 'joe', password: 'wrong-password' }, { token: 'wrong-token' }]) {
      const output = await open(wrong, url);
      for (const error of [await output.connect(), await output.write(BATCH)]) {
        expect(error).toBeInstanceOf(RetryableError);
        expect(String(error)).toMatch(/nats:.*: does not accept the credentials; check username/);
        expect(String(error)).not.toMatch(/wrong-/);
      }
    }
    for (const jetstream of [true, false]) {
      const error = await (await open({ ...right, jetstream, subject: 'forbidden.{host}' }, url)).write(BATCH);
      expect(error).toBeInstanceOf(RetryableError);
      expect(String(error)).toMatch(/is not allowed to this user: .*forbidden\.a/);
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
      const stranger = await open({}, url);
      expect(String(await stranger.connect())).toMatch(/certificate is self-signed; name it in tls.ca/);
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

realTest('a server that is killed in the middle of a batch has not confirmed it; the next write finds it again', () =>
  withServer([], async (mortal) => {
    const output = await open({ stream: 's', create_stream: true, subject: 's.{measurement}' }, mortal.url);
    expect(await output.connect()).toBeUndefined();
    await freeze(mortal.pid);
    const write = output.write(BATCH);
    process.kill(mortal.pid, 'SIGKILL');
    const error = await write;
    expect(error).toBeInstanceOf(RetryableError);
    expect(String(error)).toMatch(/connection/);
    await mortal.halt();
    expect(String(await output.write(BATCH))).toMatch(/nothing listens there; start the server or correct servers/);
    await mortal.resume();
    expect(await output.write(BATCH)).toBeUndefined();
    await mortal.halt();
    await mortal.resume();
    // Idle in between: no error, and the same messages are still there once.
    expect(await output.write(BATCH)).toBeUndefined();
    const look = await openStreamReader(mortal.url);
    expect(payloads(await look.messages('s'))).toBe(Buffer.from(BATCH.lines).toString());
    await look.close();
  }),
);

realTest('a server that hangs is given up with the signal', () =>
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

test('nothing listens; a file of credentials is missing', async () => {
  const url = `nats://127.0.0.1:${await freePort()}`;
  expect(String(await (await open({}, url)).connect())).toBe(
    `RetryableError: ${url}: nothing listens there; start the server or correct servers (ECONNREFUSED)`,
  );
  const nameless = await (await open({ credentials_file: '/nowhere/x.creds' }, url)).connect();
  expect(nameless).toBeInstanceOf(RetryableError);
  expect(String(nameless)).toMatch(/credentials_file cannot be read: ENOENT/);
});

test.each([
  [{ servers: ['http://a'] }, /must begin with nats/],
  [{ servers: ['nats://joe:secret@a'] }, /must hold no credentials/],
  [{ servers: ['nats://a'], subject: 'a.>' }, /no \* or >/],
  [{ servers: ['nats://a'], subject: 'a..{tag.b}' }, /something before and behind each dot/],
  [{ servers: ['nats://a'], create_stream: true }, /say which stream to create/],
  [{ servers: ['nats://a'], username: 'joe', token: 'x' }, /only one of them/],
  [{ servers: ['nats://a'], jetstream: false, stream: 's' }, /goes with jetstream/],
])('refuses %j', (options, text) => {
  const { error } = nats.config.safeParse(options);
  expect(error?.message).toMatch(text);
  expect(error?.message).not.toContain('secret@');
});
