import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { describeField, labelsOf, metricName, sampleValue } from '../../src/outputs/prometheus-names.ts';
import type { MetricSpec } from '../../src/plugin/index.ts';

const text = fc.string({
  unit: fc.constantFrom('a', 'B', '9', '_', ':', '-', '.', 'é', '🌧'),
  minLength: 1,
  maxLength: 5,
});

test('every name is valid in Prometheus', () => {
  fc.assert(
    fc.property(text, text, (measurement, field) => {
      expect(metricName(measurement, field)).toMatch(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
    }),
  );
});

test('labels are valid, unique, sorted, and independent of the order of the tags', () => {
  fc.assert(
    fc.property(fc.dictionary(text, text, { maxKeys: 8 }), (tags) => {
      const labels = labelsOf(tags);
      const names = labels.map(([name]) => name);
      for (const name of names) expect(name).toMatch(/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/);
      expect(names).toEqual([...new Set(names)].sort());
      expect(labels.map(([, value]) => value).sort()).toEqual(Object.values(tags).sort());
      expect(labelsOf(Object.fromEntries(Object.entries(tags).reverse()))).toEqual(labels);
    }),
  );
});

test('thousands of keys with the same name do not take quadratic time', () => {
  const keys = Array.from({ length: 40_000 }, (_, index) => String.fromCodePoint(0x4e00 + index));
  const begin = performance.now();
  const labels = labelsOf(Object.fromEntries(keys.map((key) => [key, 'v'])));
  expect(performance.now() - begin).toBeLessThan(2000);
  expect(labels).toHaveLength(keys.length);
  expect(labels.slice(0, 2).map(([name]) => name)).toEqual(['_', '_10']);
});

test('generic field names are omitted, and scraped metrics keep their names', () => {
  const names = ['value', 'counter', 'gauge', 'n'].map((field) => metricName('m', field));
  expect(names).toEqual(['m', 'm', 'm', 'm_n']);
  expect(metricName('prometheus', 'go_threads')).toBe('go_threads');
});

test('only numbers and booleans are samples', () => {
  expect([1.5, -3n, true, false, '1', undefined].map(sampleValue)).toEqual([1.5, -3, 1, 0, undefined, undefined]);
});

test('metadata comes from the field, else from its measurement, else from its name', () => {
  const help = 'Help';
  const declared: MetricSpec = { fields: { a: { type: 'int', help }, b: { type: 'int', help, kind: 'counter' } } };
  const typeOf = (spec: MetricSpec | undefined, field: string) => describeField(spec, field).type;
  expect([typeOf(declared, 'a'), typeOf(declared, 'b'), typeOf(declared, 'c')]).toEqual([
    'gauge',
    'counter',
    'untyped',
  ]);
  expect([typeOf({ ...declared, kind: 'counter' }, 'a'), typeOf(undefined, 'counter')]).toEqual(['counter', 'counter']);
  const open: MetricSpec = { fields: {}, dynamic: { type: 'float', help, unit: 's' } };
  expect(describeField(open, 'x')).toEqual({ type: 'untyped', help, unit: 's' });
  expect(typeOf({ ...open, kind: 'gauge' }, 'x')).toBe('gauge');
  expect(describeField(undefined, 'x')).toEqual({ type: 'untyped', help: '', unit: undefined });
});
