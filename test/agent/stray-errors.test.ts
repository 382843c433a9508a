import { expect, test } from '@jest/globals';

import { StrayErrors } from '../../src/agent/stray-errors.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { settle } from '../support/kit/settle.ts';

const MODULES = ['/etc/healthd/a.ts', '/etc/healthd/b.ts', '/opt/c/index.mjs'];

function strayErrors() {
  const clock = manualClock();
  const log = recordingLog();
  const stopped: string[] = [];
  let tooMany = 0;
  const errors = new StrayErrors({
    modules: () => MODULES,
    stopModule: (file) => {
      if (stopped.includes(file)) return Promise.resolve([]);
      stopped.push(file);
      return Promise.resolve(['mine']);
    },
    onTooMany: () => (tooMany += 1),
    clock,
    log,
  });
  return { errors, clock, lines: log.lines, stopped, tooMany: () => tooMany };
}

function errorAt(...frames: readonly string[]): Error {
  const error = new Error('lost');
  error.stack = ['Error: lost', ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
}

test.each([
  ['a function', ['gather (/etc/healthd/b.ts:10:9)'], '/etc/healthd/b.ts'],
  ['no name', ['/etc/healthd/b.ts:10:9'], '/etc/healthd/b.ts'],
  ['an async frame', ['async Object.gather (/etc/healthd/b.ts:3:1)'], '/etc/healthd/b.ts'],
  ['a URL', ['file:///opt/c/index.mjs:3:1'], '/opt/c/index.mjs'],
  ['a file that it imports', ['x (/opt/c/lib/x.mjs:1:1)'], '/opt/c/index.mjs'],
  ['a package that it calls', ['x (/opt/c/node_modules/p/x.js:1:1)', 'y (/opt/c/index.mjs:1:1)'], '/opt/c/index.mjs'],
  ['Node', ['node:internal/timers:573:17', 'y (/etc/healthd/a.ts:1:1)'], '/etc/healthd/a.ts'],
])('U-005: a stack with %s leads to its plugin, which is stopped', async (_, frames, file) => {
  const { errors, stopped, lines } = strayErrors();
  errors.take(errorAt(...frames));
  await settle();
  expect(stopped).toEqual([file]);
  expect(lines).toEqual([
    `warn: Unhandled error in ${file}: lost`,
    'error: Stopped after an unhandled error; a reload starts it again: mine',
  ]);
  expect(errors.count).toBe(1);
});

test.each([
  ['a file beside two plugins', errorAt('x (/etc/healthd/shared.ts:1:1)')],
  ['a package alone', errorAt('x (/opt/c/node_modules/healthd/dist/cli.js:1:1)')],
  ['no stack', 'lost'],
  ['nothing at all', undefined],
  ['a URL of another host', errorAt('file://host/x.js:1:1')],
  ['a stack that throws', Object.defineProperty(new Error('lost'), 'stack', { get: () => { throw new Error(); } })], // prettier-ignore
])('U-005: %s leads to no plugin; the error is logged and counted', async (_, thrown) => {
  const { errors, stopped, lines } = strayErrors();
  errors.take(thrown);
  await settle();
  expect(stopped).toEqual([]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^error: Unhandled error: /);
  expect(errors.count).toBe(1);
});

test('U-005: a plugin that throws on after its stop is not logged each time', async () => {
  const { errors, lines } = strayErrors();
  for (let index = 0; index < 50; index += 1) {
    errors.take(errorAt('x (/etc/healthd/b.ts:1:1)'));
    await settle();
  }
  expect(lines).toHaveLength(2);
  expect(errors.count).toBe(50);
});

test('U-005: twenty errors of unknown origin within a minute are too many, nineteen are not', () => {
  const { errors, clock, tooMany } = strayErrors();
  for (let index = 0; index < 19; index += 1) errors.take('lost');
  clock.advance(61_000);
  for (let index = 0; index < 19; index += 1) errors.take('lost');
  expect(tooMany()).toBe(0);
  errors.take('lost');
  expect(tooMany()).toBe(1);
});
