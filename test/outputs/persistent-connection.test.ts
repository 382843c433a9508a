import { expect, test } from '@jest/globals';

import { systemClock } from '../../src/core/clock.ts';
import { PersistentConnection, type Connection } from '../../src/outputs/persistent-connection.ts';
import { PermanentError, RetryableError } from '../../src/plugin/index.ts';
import { settle } from '../support/kit/settle.ts';

const LIVE = new AbortController().signal;

interface Fake extends Connection {
  readonly server: string;
  readonly loss: AbortController;
  readonly open: () => void;
  state: 'open' | 'dropped' | 'closed';
}

function persistent(
  servers: readonly string[],
  settings: { readonly refuses?: string; readonly opensAtOnce?: boolean } = {},
) {
  const made: Fake[] = [];
  const connection = new PersistentConnection<Fake>(
    servers,
    (server) => {
      const loss = new AbortController();
      const { promise, resolve } = deferred();
      const fake: Fake = {
        server,
        loss,
        opened: server === settings.refuses ? Promise.reject(new RetryableError(`${server} is down`)) : promise,
        open: resolve,
        lost: loss.signal,
        state: 'open',
        drop: () => {
          fake.state = 'dropped';
        },
        close: () => {
          fake.state = 'closed';
          return Promise.resolve();
        },
      };
      if (settings.opensAtOnce !== false) resolve();
      made.push(fake);
      return fake;
    },
    systemClock,
  );
  return { connection, made };
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settled) => {
    resolve = settled;
  });
  return { promise, resolve };
}

const done = () => Promise.resolve();

test('one connection serves all uses and is closed gracefully', async () => {
  const { connection, made } = persistent(['a']);
  await connection.use(done, LIVE);
  await connection.use(done, LIVE);
  await connection.close();
  expect(made.map(({ state }) => state)).toEqual(['closed']);
  await connection.close();
});

test('the next server is tried when one fails; when all fail, the error lists them', async () => {
  const { connection, made } = persistent(['a', 'b'], { refuses: 'a' });
  await connection.use(done, LIVE);
  expect(made.map(({ server, state }) => [server, state])).toEqual([
    ['a', 'dropped'],
    ['b', 'open'],
  ]);
  await expect(persistent(['a', 'a'], { refuses: 'a' }).connection.use(done, LIVE)).rejects.toThrow(
    'None of 2 servers accepted the lines: a is down; a is down',
  );
});

test('a failure drops the connection, rejected lines do not', async () => {
  const { connection, made } = persistent(['a']);
  const refusal = new PermanentError('bad lines');
  await expect(connection.use(() => Promise.reject(refusal), LIVE)).rejects.toBe(refusal);
  await connection.use(done, LIVE);
  await expect(connection.use(() => Promise.reject(new Error('failed')), LIVE)).rejects.toThrow('failed');
  await connection.use(done, LIVE);
  expect(made.map(({ state }) => state)).toEqual(['dropped', 'open']);
});

test('a connection that breaks fails the use in progress; an idle one is replaced', async () => {
  const { connection, made } = persistent(['a']);
  const use = connection.use(() => new Promise(() => undefined), LIVE);
  await settle();
  made[0]?.loss.abort(new RetryableError('it broke'));
  await expect(use).rejects.toThrow('it broke');
  await connection.use(done, LIVE);
  made[1]?.loss.abort(new RetryableError('it broke again'));
  await connection.use(done, LIVE);
  expect(made.map(({ state }) => state)).toEqual(['dropped', 'dropped', 'open']);
});

test.each([true, false])('an abort drops the connection; opened: %j', async (opensAtOnce) => {
  const { connection, made } = persistent(['a', 'b'], { opensAtOnce });
  const host = new AbortController();
  let uses = 0;
  const use = connection.use(() => {
    uses += 1;
    return new Promise(() => undefined);
  }, host.signal);
  await settle();
  host.abort(new Error('over'));
  await expect(use).rejects.toThrow('over');
  // Too late: it must not be used any more.
  made[0]?.open();
  await settle();
  expect(made.map(({ state }) => state)).toEqual(['dropped']);
  expect(uses).toBe(opensAtOnce ? 1 : 0);
});

test('a server that used up the deadline is not tried first again', async () => {
  const { connection, made } = persistent(['a', 'b'], { opensAtOnce: false });
  const host = new AbortController();
  const use = connection.use(done, host.signal);
  await settle();
  host.abort(new Error('over'));
  await expect(use).rejects.toThrow('over');
  const next = connection.use(done, LIVE);
  await settle();
  made[1]?.open();
  await next;
  expect(made.map(({ server, state }) => [server, state])).toEqual([
    ['a', 'dropped'],
    ['b', 'open'],
  ]);
});

test('a server with which no use succeeded is not tried first again; after a success the first is', async () => {
  const { connection, made } = persistent(['a', 'b']);
  await connection.use(done, LIVE);
  await expect(connection.use(() => Promise.reject(new Error('cut off')), LIVE)).rejects.toThrow('cut off');
  // Again on a: it opens connections, so nothing else says that it is cut off.
  await expect(connection.use(() => Promise.reject(new Error('too')), LIVE)).rejects.toThrow('too');
  await connection.use(done, LIVE);
  await connection.close();
  await connection.use(done, LIVE);
  expect(made.map(({ server }) => server)).toEqual(['a', 'a', 'b', 'a']);
});

test('does not connect if the signal has already aborted', async () => {
  const { connection, made } = persistent(['a']);
  await expect(connection.use(done, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  expect(made).toEqual([]);
});

test('a connection in use is dropped instead of closed, since the use may never end', async () => {
  const { connection, made } = persistent(['a']);
  const use = connection.use(() => new Promise(() => undefined), LIVE);
  await settle();
  await connection.close();
  expect(made.map(({ state }) => state)).toEqual(['dropped']);
  made[0]?.loss.abort(new RetryableError('it was dropped'));
  await expect(use).rejects.toThrow('it was dropped');
});

test('a connection that does not close in time is dropped', async () => {
  const { connection, made } = persistent(['a']);
  await connection.use(done, LIVE);
  for (const fake of made) fake.close = () => new Promise(() => undefined);
  await connection.close();
  expect(made.map(({ state }) => state)).toEqual(['dropped']);
});
