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
  state: 'kept' | 'dropped' | 'closed';
}

function keep(
  servers: readonly string[],
  settings: { readonly refuses?: string; readonly opensAtOnce?: boolean } = {},
) {
  const made: Fake[] = [];
  const kept = new PersistentConnection<Fake>(
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
        state: 'kept',
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
  return { kept, made };
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settled) => {
    resolve = settled;
  });
  return { promise, resolve };
}

const done = () => Promise.resolve();

test('one connection serves all uses, and is closed in good order', async () => {
  const { kept, made } = keep(['a']);
  await kept.use(done, LIVE);
  await kept.use(done, LIVE);
  await kept.close();
  expect(made.map(({ state }) => state)).toEqual(['closed']);
  await kept.close();
});

test('the next server is asked when one does not answer; when none does, all are named', async () => {
  const { kept, made } = keep(['a', 'b'], { refuses: 'a' });
  await kept.use(done, LIVE);
  expect(made.map(({ server, state }) => [server, state])).toEqual([
    ['a', 'dropped'],
    ['b', 'kept'],
  ]);
  await expect(keep(['a', 'a'], { refuses: 'a' }).kept.use(done, LIVE)).rejects.toThrow(
    'No server of 2 took the lines: a is down; a is down',
  );
});

test('a failure drops the connection, a refusal of lines does not', async () => {
  const { kept, made } = keep(['a']);
  const refusal = new PermanentError('bad lines');
  await expect(kept.use(() => Promise.reject(refusal), LIVE)).rejects.toBe(refusal);
  await kept.use(done, LIVE);
  await expect(kept.use(() => Promise.reject(new Error('failed')), LIVE)).rejects.toThrow('failed');
  await kept.use(done, LIVE);
  expect(made.map(({ state }) => state)).toEqual(['dropped', 'kept']);
});

test('a connection that broke fails the use of it, or is replaced when it was idle', async () => {
  const { kept, made } = keep(['a']);
  const use = kept.use(() => new Promise(() => undefined), LIVE);
  await settle();
  made[0]?.loss.abort(new RetryableError('it broke'));
  await expect(use).rejects.toThrow('it broke');
  await kept.use(done, LIVE);
  made[1]?.loss.abort(new RetryableError('it broke again'));
  await kept.use(done, LIVE);
  expect(made.map(({ state }) => state)).toEqual(['dropped', 'dropped', 'kept']);
});

test.each([true, false])('the signal drops it; opened: %j', async (opensAtOnce) => {
  const { kept, made } = keep(['a', 'b'], { opensAtOnce });
  const host = new AbortController();
  let uses = 0;
  const use = kept.use(() => {
    uses += 1;
    return new Promise(() => undefined);
  }, host.signal);
  await settle();
  host.abort(new Error('over'));
  await expect(use).rejects.toThrow('over');
  // Too late: nothing is done with it any more.
  made[0]?.open();
  await settle();
  expect(made.map(({ state }) => state)).toEqual(['dropped']);
  expect(uses).toBe(opensAtOnce ? 1 : 0);
});

test('a server for which all the time was spent is not asked first again', async () => {
  const { kept, made } = keep(['a', 'b'], { opensAtOnce: false });
  const host = new AbortController();
  const use = kept.use(done, host.signal);
  await settle();
  host.abort(new Error('over'));
  await expect(use).rejects.toThrow('over');
  const next = kept.use(done, LIVE);
  await settle();
  made[1]?.open();
  await next;
  expect(made.map(({ server, state }) => [server, state])).toEqual([
    ['a', 'dropped'],
    ['b', 'kept'],
  ]);
});

test('nothing is connected when the signal has aborted already', async () => {
  const { kept, made } = keep(['a']);
  await expect(kept.use(done, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  expect(made).toEqual([]);
});

test('one that is in use is dropped, not closed: what is under way might never end', async () => {
  const { kept, made } = keep(['a']);
  const use = kept.use(() => new Promise(() => undefined), LIVE);
  await settle();
  await kept.close();
  expect(made.map(({ state }) => state)).toEqual(['dropped']);
  made[0]?.loss.abort(new RetryableError('it was dropped'));
  await expect(use).rejects.toThrow('it was dropped');
});

test('one that does not close is dropped after a while', async () => {
  const { kept, made } = keep(['a']);
  await kept.use(done, LIVE);
  for (const connection of made) connection.close = () => new Promise(() => undefined);
  await kept.close();
  expect(made.map(({ state }) => state)).toEqual(['dropped']);
});
