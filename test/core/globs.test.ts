import { expect, test } from '@jest/globals';
import fc from 'fast-check';

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
  [['/mnt/Backup (old)*'], '/mnt/Backup (old)1', true],
  [['a(b|c)*'], 'ab1', false],
  [['@(a)!(b)^$.+'], '@(a)!(b)^$.+', true],
  [['a{b,c{d,e}}f'], 'acef', true],
  [['a{b,c{d,e}}f'], 'adf', false],
  [['{a'], '{a', true],
  [['{a}*'], '{a}b', true],
  [['{,x}y'], 'y', true],
  [['\\{a,b\\}*'], '{a,b}c', true],
  [['[a'], '[a', true],
  [['[]a]*'], ']', true],
  [['[^a]'], 'b', true],
  [['[a-]'], '-', true],
  [['?'], '🔥', true],
  [['[🔥-🔦]'], '🔥', true],
  [['*a*b*c*'], 'xxaxxbxxc', true],
  [['*a*b*c'], 'abcx', false],
  [['**'], 'anything', true],
  [['a\\'], 'a\\', true],
])('%j on %j is %p', (patterns, text, expected) => {
  expect(compileGlobs(patterns)(text)).toBe(expected);
});

test('H-007: all characters but the documented ones are literal', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((given) => given.replace(/[*?[\]{}\\]/gu, ''));
  fc.assert(
    fc.property(text, text, (pattern, other) => {
      expect(compileGlobs([pattern])(pattern)).toBe(true);
      expect(compileGlobs([pattern])(other)).toBe(pattern === other);
      expect(compileGlobs([`${pattern}*`])(`${pattern}${other}`)).toBe(true);
    }),
  );
  for (const literal of ['(a|b)', 'a+', '^a$', '@(x)', '!(x)', 'a.b', '/mnt/Backup (old)', 'a#b', '~x', 'a\u0000b'])
    expect(compileGlobs([literal])(literal)).toBe(true);
});

test('H-005: a glob of many stars takes time that grows with pattern × text', () => {
  const test = compileGlobs(['*-*-*-*-*-*-*-*canary']);
  const start = performance.now();
  for (let round = 0; round < 10; round += 1) expect(test('-'.repeat(8000))).toBe(false);
  expect(performance.now() - start).toBeLessThan(2000);
});

test.each([
  ['too long', 'a'.repeat(1001) + '*', /at most 1000 characters/],
  ['too many alternatives', '{a,b}'.repeat(11), /more than 1000 alternatives/],
])('a glob with %s is refused', (_, pattern, message) => {
  expect(() => compileGlobs([pattern])).toThrow(message);
});

/** By trying everything. */
function reference(glob: readonly string[], text: string): boolean {
  const [first, ...rest] = glob;
  if (first === undefined) return text === '';
  if (first === '*')
    return Array.from({ length: text.length + 1 }, (_, n) => n).some((n) => reference(rest, text.slice(n)));
  if (text === '') return false;
  const takes: Record<string, (character: string) => boolean> = {
    '?': () => true,
    '[ab]': (character) => 'ab'.includes(character),
    '[!a]': (character) => character !== 'a',
    '{a,b}': (character) => 'ab'.includes(character),
  };
  return (
    (takes[first] ?? ((character: string) => character === first))(text[0] ?? '') && reference(rest, text.slice(1))
  );
}

test('globs agree with a matcher that tries everything', () => {
  const glob = fc.array(fc.constantFrom('a', 'b', '-', '*', '?', '[ab]', '{a,b}', '[!a]'), { maxLength: 6 });
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '-'), { maxLength: 6 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(glob, text, (parts, given) => {
      expect(compileGlobs([parts.join('')])(given)).toBe(reference(parts, given));
    }),
    { numRuns: 5000 },
  );
});

test('an empty list matches nothing', () => {
  expect(['', 'a', '*'].map(compileGlobs([]))).toEqual([false, false, false]);
});
