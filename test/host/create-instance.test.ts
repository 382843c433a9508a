import { expect, test } from '@jest/globals';

import { createInstance } from '../../src/host/create-instance.ts';
import { RetryableError, z, type Plugin } from '../../src/plugin/index.ts';
import { testContext } from '../../src/testing.ts';

function entryOf(kind: Plugin['kind'], create: () => unknown) {
  const plugin = { kind, api: 1, name: 'mine', summary: '', config: z.strictObject({}), metrics: {}, create };
  return { plugin: plugin as unknown as Plugin, options: {}, file: '/etc/healthd/mine.js' };
}

const wait = () => undefined;

test.each([
  ['input', {}, 'has no function "gather or run"'],
  ['input', undefined, 'made no instance: create must return { gather or run }'],
  ['input', { gather: 5 }, 'has a "gather" that is no function'],
  ['processor', { proces: wait }, 'has no function "process"'],
  ['output', { write: wait, connect: true }, 'has a "connect" that is no function'],
  ['notifier', { send: wait }, 'has no function "notify"'],
] as const)('U-029: the %s %j is refused', async (kind, instance, fault) => {
  await expect(
    createInstance(
      entryOf(kind, () => instance),
      testContext(),
    ),
  ).rejects.toThrow(`The ${kind} "mine" of /etc/healthd/mine.js ${fault}`);
});

test.each([
  ['input', { run: wait }],
  ['processor', { process: wait, flush: wait }],
  ['output', { write: wait }],
  ['notifier', { notify: wait }],
] as const)('a complete %s is returned as it is', async (kind, instance) => {
  expect(
    await createInstance(
      entryOf(kind, () => Promise.resolve(instance)),
      testContext(),
    ),
  ).toBe(instance);
});

test('U-028: an error of create has file and line, except one of the plugin API', async () => {
  const thrown = new TypeError('no such option');
  thrown.stack = 'TypeError: no such option\n    at create (/etc/healthd/mine.js:12:7)';
  const failing = (error: Error) =>
    entryOf('output', () => {
      throw error;
    });
  await expect(createInstance(failing(thrown), testContext())).rejects.toThrow(
    /^no such option \(\/etc\/healthd\/mine\.js:12:7\)$/,
  );
  const later = new RetryableError('later');
  await expect(createInstance(failing(later), testContext())).rejects.toBe(later);
});
