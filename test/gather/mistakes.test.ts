import { expect, test } from '@jest/globals';

import { createAccumulator } from '../../src/gather/accumulator.ts';
import { Mistakes } from '../../src/gather/mistakes.ts';
import type { Metric } from '../../src/metric/metric.ts';
import type { Accumulator, MetricCatalog } from '../../src/plugin/index.ts';

const QUEUE: MetricCatalog = {
  queue: {
    tags: { site: 'Where' },
    fields: {
      depth: { type: 'int', help: 'Jobs' },
      age: { type: 'float', help: 'Age' },
      state: { type: 'string', help: 'State' },
      open: { type: 'bool', help: 'Whether it is open' },
    },
  },
  labels: { tags: { '*': 'Any' }, fields: {}, dynamic: { type: 'float', help: 'Any' } },
};

function accumulating(metrics: MetricCatalog) {
  const reported: string[] = [];
  const points: Metric[] = [];
  const acc = createAccumulator(
    {
      metrics,
      entryTags: { role: 'db' },
      globalTags: () => ({ host: 'h' }),
      onMetric: (metric) => points.push(metric),
      onError: (error) => {
        throw error;
      },
      mistakes: new Mistakes((text) => reported.push(text)),
    },
    () => 7n,
  );
  // What a plugin in plain JavaScript may do.
  const add = (...given: readonly unknown[]) => {
    acc.add(...(given as Parameters<Accumulator['add']>));
  };
  return { add, reported, points, fields: () => points.map(({ fields }) => fields) };
}

test.each([
  ['NaN', { depth: NaN }, undefined, 'queue.depth: NaN in a field declared int; it is left out'],
  ['infinity', { age: Infinity }, undefined, 'queue.age: Infinity in a field declared float; it is left out'],
  ['text in a number', { depth: 'many' }, undefined, 'queue.depth: text in a field declared int; it is left out'],
  ['a boolean in a number', { age: true }, undefined, 'queue.age: true or false in a field declared float; it is left out'], // prettier-ignore
  ['null', { age: null }, undefined, 'queue.age: null in a field declared float; it is left out'],
  ['a fraction', { depth: 1.5 }, { depth: 2n }, 'queue.depth: a fraction in a field declared int; it is rounded'],
  ['a number in text', { state: 5 }, { state: '5' }, 'queue.state: a number in a field declared string; it is written as text'], // prettier-ignore
  ['an object in text', { state: {} }, undefined, 'queue.state: a value of type object in a field declared string; it is left out'], // prettier-ignore
  ['a number in a boolean', { open: 1 }, undefined, 'queue.open: a number in a field declared bool; it is left out'],
  ['an undeclared field', { depht: 1 }, { depht: 1 }, "queue.depht: the field is not declared in the plugin's metrics"],
])('U-021: %s is reported once', (_, wrong, stored, text) => {
  const { add, reported, fields } = accumulating(QUEUE);
  for (let round = 0; round < 3; round += 1) add('queue', { ...wrong, age: 'age' in wrong ? wrong.age : 1.5 });
  expect(reported).toEqual([text]);
  const rest = 'age' in wrong ? {} : { age: 1.5 };
  const kept = { ...stored, ...rest };
  expect(fields()).toEqual(Object.keys(kept).length === 0 ? [] : [kept, kept, kept]);
});

test('U-021: undeclared measurements and tags are reported once, and kept', () => {
  const { add, reported, points } = accumulating(QUEUE);
  for (let round = 0; round < 3; round += 1) {
    add('queeu', { depth: 1 }, { any: 'x' });
    add('queue', { depth: 1 }, { site: 'fra', host: 'own', role: 'own', pod: 'x' });
  }
  expect(reported).toEqual([
    "queeu: the measurement is not declared in the plugin's metrics",
    'queue: the tag "role" is not declared in the plugin\'s metrics',
    'queue: the tag "pod" is not declared in the plugin\'s metrics',
  ]);
  expect(points.slice(0, 2)).toMatchObject([
    { name: 'queeu', tags: { any: 'x', host: 'h', role: 'db' } },
    { name: 'queue', tags: { site: 'fra', host: 'own', role: 'own', pod: 'x' } },
  ]);
});

test('U-021: a name, a tag or a time of the wrong type costs no more than itself', () => {
  const { add, reported, points } = accumulating(QUEUE);
  add(undefined, { depth: 1 });
  add('', { depth: 1 });
  add('queue', { depth: 1 }, { site: 80 });
  add('queue', { depth: 2 }, undefined, 1_700_000_000_000);
  expect(reported).toEqual([
    'acc.add: the name of the measurement is no text, or empty; the point is left out',
    'queue: the value of the tag "site" is no text; the tag is left out',
    'queue: the time is no bigint (nanoseconds since 1970); the time of the gather is used',
  ]);
  expect(points).toMatchObject([
    { fields: { depth: 1n }, tags: { host: 'h', role: 'db' }, time: 7n },
    { fields: { depth: 2n }, time: 7n },
  ]);
});

test('U-021: what comes from outside is no mistake: names under a dynamic field, the tag *, and NaN there', () => {
  const { add, reported, fields } = accumulating(QUEUE);
  add('labels', { a: 1, b: NaN, constructor: 2 }, { pod: 'x' });
  expect([reported, fields()]).toEqual([[], [{ a: 1, constructor: 2 }]]);
});

test('U-021: the number of reports is bounded', () => {
  const { add, reported } = accumulating(QUEUE);
  for (let index = 0; index < 1000; index += 1) add('queue', { [`field${index}`]: 1 });
  expect(reported).toHaveLength(51);
  expect(reported.at(-1)).toBe('more than 50 different mistakes; further ones are not reported');
});

test('U-024: an undeclared field with numbers and text in turn is reported, of a plugin without a catalog too', () => {
  const { add, reported, points } = accumulating({});
  for (const v of [1, 'off', 2, 'off']) add('m', { v, same: 1 });
  add('m', { same: 5n });
  expect(reported).toEqual([
    'm.v: text, but a float before; a database keeps the type of a field and refuses others',
    'm.same: an integer, but a float before; a database keeps the type of a field and refuses others',
  ]);
  expect(points).toHaveLength(5);
});

test('measurements and fields named like members of Object are stored like others', () => {
  const { add, fields } = accumulating({});
  add('constructor', { toString: 1 });
  add('__proto__', { valueOf: 'x' });
  expect(fields()).toEqual([{ toString: 1 }, { valueOf: 'x' }]);
});

test('S-021: an unsigned value above the signed maximum is clamped, and that is reported once', () => {
  const { add, reported, fields } = accumulating({});
  for (let round = 0; round < 3; round += 1) add('m', { v: 2n ** 64n - 1n, w: 1n });
  expect(fields()[0]).toEqual({ v: 2n ** 63n - 1n, w: 1n });
  expect(reported).toEqual(['m.v: an integer beyond 64 bits with a sign; it is written as the nearest one']);
});
