import { expect, it } from '@jest/globals';

import { fingerprint } from '../../../src/alerts/state/fingerprint.ts';

it('is 64-bit FNV-1a in 16 hex digits', () => {
  // By hand: FNV-1a over ff ff, the empty key and an empty rule.
  const step = (hash: bigint, byte: bigint) => BigInt.asUintN(64, (hash ^ byte) * 0x100000001b3n);
  const expected = step(step(0xcbf29ce484222325n, 0xffn), 0xffn);
  expect(fingerprint('', {})).toBe(expected.toString(16).padStart(16, '0'));
  expect(fingerprint('disk_space', { host: 'web1', path: '/var' })).toMatch(/^[0-9a-f]{16}$/);
});

it('does not depend on the order of tags, nor on empty tags', () => {
  expect(fingerprint('r', { a: '1', b: '2' })).toBe(fingerprint('r', { b: '2', c: '', a: '1' }));
});

it('differs if rule, keys or values differ, also if their concatenation is equal', () => {
  const all = [
    fingerprint('r', { a: 'bc' }),
    fingerprint('r', { ab: 'c' }),
    fingerprint('ra', { bc: '' }),
    fingerprint('r', { a: 'b', c: '' }),
    fingerprint('r', {}),
    fingerprint('ra', {}),
  ];
  expect(new Set(all).size).toBe(5); // the third and the last are the same alert: an empty tag is none
});
