import { expect, test } from '@jest/globals';
import { z } from 'zod';

import { bytes, duration, globs, isPortable, provider } from '../../src/plugin/options.ts';

const schema = z.strictObject({
  wait: duration('10s'),
  size: bytes('1KiB'),
  names: globs(['*']),
  provider: provider(),
});

test('defaults are parsed like given values', () => {
  expect(schema.parse({})).toEqual({ wait: 10_000, size: 1024, names: ['*'], provider: 'auto' });
});

test('texts become milliseconds and bytes', () => {
  expect(schema.parse({ wait: '1m', size: '2MB', names: [] })).toMatchObject({ wait: 60_000, size: 2e6, names: [] });
  expect(schema.parse({ size: 5 })).toMatchObject({ size: 5 });
});

test('an invalid value is refused with the message of its parser, at its path', () => {
  const { error } = schema.safeParse({ wait: '10', size: 'big' });
  expect(error?.issues.map(({ path, message }) => [path[0], /is not a (\w+)/.exec(message)?.[1]])).toEqual([
    ['wait', 'duration'],
    ['size', 'size'],
  ]);
});

test.each([[{ size: -1 }], [{ size: 1.5 }], [{ wait: 10 }], [{ names: [''] }], [{ provider: 'other' }]])(
  '%j is refused',
  (given) => {
    expect(schema.safeParse(given).success).toBe(false);
  },
);

test('an option without a default is required', () => {
  expect(z.strictObject({ wait: duration() }).safeParse({}).success).toBe(false);
});

test.each([
  ['auto', 'linux', false],
  ['auto', 'darwin', true],
  ['native', 'win32', false],
  ['portable', 'linux', true],
] as const)('provider %s on %s', (choice, platform, portable) => {
  expect(isPortable(choice, platform)).toBe(portable);
});
