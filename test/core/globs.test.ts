import { expect, test } from '@jest/globals';

import { compileGlobs } from '../../src/core/globs.ts';

test.each([
  [['eth0'], 'eth0', true],
  [['eth0'], 'eth01', false],
  [['eth*', 'wlan?'], 'wlan0', true],
  [['eth*', 'wlan?'], 'wlan10', false],
  [['disk/*'], 'disk/by-id/wwn-1', true],
  [['example.org/*'], 'example.org/team', true],
  [['*'], '/dev/.hidden/x', true],
  [['*.d'], '.d', true],
  [['sd[a-c]'], 'sdb', true],
  [['sd[!a-c]'], 'sdb', false],
  [['{lo,eth?}'], 'eth1', true],
  [['a\\*b'], 'a*b', true],
  [['a\\*b'], 'axb', false],
  [['!eth0'], 'eth1', false],
  [['!eth0'], '!eth0', true],
  [['+(a)'], 'aa', false],
  [['eth*'], 'ETH0', false],
  [[''], '', true],
])('%j on %j is %p', (patterns, text, expected) => {
  expect(compileGlobs(patterns)(text)).toBe(expected);
});

test('an empty list matches nothing', () => {
  expect(['', 'a', '*'].map(compileGlobs([]))).toEqual([false, false, false]);
});
