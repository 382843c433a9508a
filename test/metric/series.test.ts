import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { internTags, SeriesCache, TagTable } from '../../src/metric/series.ts';

test('equal tags in any order are one frozen object with sorted keys', () => {
  const one = internTags({ b: '2', a: '1' });
  expect(internTags({ a: '1', b: '2' })).toBe(one);
  expect(internTags(one)).toBe(one);
  expect(Object.keys(one)).toEqual(['a', 'b']);
  expect(Object.isFrozen(one)).toBe(true);
});

test('the given object is neither frozen nor kept', () => {
  const tags = { only: 'here' };
  expect(internTags(tags)).not.toBe(tags);
  expect(Object.isFrozen(tags)).toBe(false);
});

test('two sets are the same object if and only if they are equal', () => {
  const tags = fc.dictionary(
    fc.string({ maxLength: 3, unit: fc.constantFrom(...Array.from('a1,2')) }),
    fc.string({ maxLength: 3, unit: fc.constantFrom(...Array.from('a1,2')) }),
    { maxKeys: 3, noNullPrototype: true },
  );
  fc.assert(
    fc.property(tags, tags, (a, b) => {
      const sorted = (of: object) => JSON.stringify(Object.entries(of).sort(([x], [y]) => (x < y ? -1 : 1)));
      expect(internTags(a)).toEqual(a);
      expect(internTags(a) === internTags(b)).toBe(sorted(a) === sorted(b));
    }),
    { numRuns: 1000 },
  );
});

test('a tag can be called __proto__', () => {
  const tags = internTags(JSON.parse('{"__proto__":"x"}') as Record<string, string>);
  expect(Object.entries(tags)).toEqual([['__proto__', 'x']]);
});

test('the table stays within its limit', () => {
  const table = new TagTable(10);
  for (let i = 0; i < 100; i += 1) {
    expect(table.intern({ b: '1', a: String(i) })).toEqual({ a: String(i), b: '1' });
    expect(table.size).toBeLessThanOrEqual(10);
  }
});

test('F-023: sets in use stay, however many others come and go', () => {
  const table = new TagTable(10);
  const live = [1, 2, 3].map((id) => table.intern({ live: String(id) }));
  for (let i = 0; i < 100; i += 1) {
    table.intern({ a: String(i) });
    expect([1, 2, 3].map((id) => table.intern({ live: String(id) }))).toEqual(live);
  }
  expect(table.intern({ live: '1' })).toBe(live[0]);
});

test('F-023: series that are gone are released, though one that was seen before them is still in use', async () => {
  const cache = new SeriesCache((name) => ({ name }), 100);
  const live = Object.freeze({ id: 'live' });
  cache.get('x', live);
  const gone = Array.from({ length: 1000 }, (_, id) => {
    const tags = Object.freeze({ id: String(id) });
    cache.get('x', tags);
    return new WeakRef(tags);
  });
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  await sleep(1); // weak references are held until the end of the task
  collectGarbage();
  expect(gone.filter((tags) => tags.deref() !== undefined).length).toBeLessThanOrEqual(100);
  expect(cache.get('x', live)).toEqual({ name: 'x' });
});

test('a cache computes once for each name of a frozen set, and every time for others', () => {
  const asked: string[] = [];
  const cache = new SeriesCache((name, tags) => {
    asked.push(name);
    return `${name}${tags['a'] ?? ''}`;
  });
  const frozen = internTags({ a: '1' });
  expect(['x', 'y', 'x'].map((name) => cache.get(name, frozen))).toEqual(['x1', 'y1', 'x1']);
  const loose = { a: '2' };
  expect([cache.get('x', loose), cache.get('x', loose)]).toEqual(['x2', 'x2']);
  expect(asked).toEqual(['x', 'y', 'x', 'x']);
});

test('a cache gives each series its own value, in any order', () => {
  const cache = new SeriesCache((name, tags) => `${name}${tags['a'] ?? ''}`);
  const loose = { a: '3' };
  const sets = [internTags({ a: '1' }), internTags({ a: '2' }), loose];
  const series = fc.tuple(fc.constantFrom('x', 'y'), fc.constantFrom(...sets));
  fc.assert(
    fc.property(fc.array(series), (asked) => {
      expect(asked.map(([name, tags]) => cache.get(name, tags))).toEqual(asked.map(([n, t]) => `${n}${t.a}`));
    }),
  );
  const before = cache.get('x', loose);
  loose.a = '4';
  expect([before, cache.get('x', loose)]).toEqual(['x3', 'x4']);
});
