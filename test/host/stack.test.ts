import { expect, test } from '@jest/globals';

import { placeIn } from '../../src/host/stack.ts';

function errorAt(...frames: readonly string[]): Error {
  const error = new Error('lost');
  error.stack = ['Error: lost', ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
}

const MODULE = '/etc/healthd/plugins/q.ts';

test.each([
  ['its own file', errorAt('gather (/etc/healthd/plugins/q.ts:10:9)'), '/etc/healthd/plugins/q.ts:10:9'],
  ['a file beside it', errorAt('read (/etc/healthd/plugins/lib/r.ts:3:1)', 'x (/etc/healthd/plugins/q.ts:9:9)'), '/etc/healthd/plugins/lib/r.ts:3:1'], // prettier-ignore
  ['a package that it calls', errorAt('x (/etc/healthd/plugins/node_modules/p/x.js:1:1)', 'async y (/etc/healthd/plugins/q.ts:2:1)'), '/etc/healthd/plugins/q.ts:2:1'], // prettier-ignore
  ['a cause', new Error('outer', { cause: errorAt('/etc/healthd/plugins/q.ts:4:2') }), '/etc/healthd/plugins/q.ts:4:2'],
  ['another folder', errorAt('x (/usr/lib/healthd/dist/cli.js:1:1)'), undefined],
  ['no error', 'lost', undefined],
])('U-028: the place of an error from %s', (_, thrown, place) => {
  expect(placeIn(MODULE, thrown)).toBe(place);
  expect(placeIn(undefined, thrown)).toBeUndefined();
});
