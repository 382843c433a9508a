import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { encodeLines, formatLine, LineEncoder, parseLines } from '../../../src/metric/line-protocol.ts';
import { plainDecimal } from '../../../src/metric/line-protocol/number-writer.ts';
import type { FieldValue, Metric, Tags } from '../../../src/metric/metric.ts';
import { internTags } from '../../../src/metric/series.ts';
import { anyMetric, normalForm } from './arbitraries.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const metric = (fields: Metric['fields'], tags: Tags = {}, name = 'cpu'): Metric => ({ name, tags, fields, time: 7n });

test.each<[FieldValue, string]>([
  [42, '42'],
  [0, '0'],
  [-0, '-0'],
  [1e21, '1000000000000000000000'],
  [-1.25e22, '-12500000000000000000000'],
  [1e-7, '0.0000001'],
  [1.5e-7, '0.00000015'],
  [-17.5, '-17.5'],
  [33.3333, '33.3333'],
  [0.000001, '0.000001'],
  [0.1 + 0.2, '0.30000000000000004'],
  [123456789.123456, '123456789.123456'],
  [4294967296, '4294967296'],
  [2 ** 53, '9007199254740992'],
  [42n, '42i'],
  [-1n, '-1i'],
  [9_007_199_254_740_993n, '9007199254740993i'],
  [2n ** 64n - 1n, '9223372036854775807i'],
  [-(2n ** 70n), '-9223372036854775808i'],
  [true, 'true'],
  [false, 'false'],
  ['', '""'],
  ['say "\\"', '"say \\"\\\\\\""'],
  ['two\nlines', '"two\nlines"'],
  ['naïve "☺"', '"naïve \\"☺\\""'],
])('writes %p as %s', (value, expected) => {
  expect(formatLine(metric({ v: value }))).toBe(`cpu v=${expected} 7`);
});

test.each<[string, Metric, string]>([
  ['a name with a newline', metric({ v: 1 }, {}, 'c\npu'), 'c\\npu v=1 7'],
  ['a name with =', metric({ v: 1 }, {}, 'c=p,u x'), 'c=p\\,u\\ x v=1 7'],
  ['a name like a comment', metric({ v: 1 }, {}, '##x'), 'x v=1 7'],
  ['a tag value with a newline', metric({ v: 1 }, { a: 'x\ny' }), 'cpu,a=x\\ny v=1 7'],
  ['a trailing backslash', metric({ v: 1 }, { path: 'C:\\' }), 'cpu,path=C: v=1 7'],
  ['empty tags', metric({ v: 1 }, { a: '', '': 'b', c: '\\' }), 'cpu v=1 7'],
  ['tags out of order', metric({ v: 1 }, { b: '2', a: '1 = 1' }), 'cpu,a=1\\ \\=\\ 1,b=2 v=1 7'],
  ['a field that is not finite', metric({ a: Number.NaN, b: 1, c: -Infinity }), 'cpu b=1 7'],
  ['a field without a name', metric({ '': 1, '\\': 2, 'k y': 3 }), 'cpu k\\ y=3 7'],
])('%s', (_what, given, expected) => {
  expect(formatLine(given)).toBe(expected);
});

test.each<[string, Metric]>([
  ['no fields', metric({})],
  ['only NaN', metric({ v: Number.NaN })],
  ['no name', metric({ v: 1 }, {}, '#\\')],
  ['a time beyond 64 bits', { ...metric({ v: 1 }), time: 2n ** 63n }],
])('%s: formatLine throws, an encoder skips and counts', (_what, given) => {
  expect(() => formatLine(given)).toThrow(RangeError);
  const encoder = new LineEncoder(1);
  expect([encoder.add(metric({ v: 1 })), encoder.add(given), encoder.add(metric({ v: 2 }))]).toEqual([
    true,
    false,
    true,
  ]);
  expect([encoder.lines, encoder.skipped, encoder.bytes]).toEqual([2, 1, 20]);
  expect(text(encoder.take())).toBe('cpu v=1 7\ncpu v=2 7\n');
  expect([encoder.lines, encoder.skipped, encoder.bytes, encoder.take().length]).toEqual([0, 0, 0, 0]);
});

test.each<[object, string]>([
  [{ 'a\\': 1, a: 2 }, 'a_=1,a=2'],
  [{ a: 1, 'a\\': 2, 'a\\\\': 3, a_: 4 }, 'a=1,a__=2,a___=3,a_=4'],
  [{ 'a\n': 1, 'a\\n': 2 }, 'a\\n_=1,a\\n=2'],
  [{ '\\': 1, b: 2 }, 'b=2'],
])('C-032: field keys that differ stay different: %j', (fields, expected) => {
  expect(formatLine(metric(fields as Metric['fields']))).toBe(`cpu ${expected} 7`);
});

test('C-032: tag keys that differ stay different', () => {
  expect(formatLine(metric({ v: 1 }, { 'a\\': '1', a: '2', 'a\\\\': '' }))).toBe('cpu,a=2,a_=1 v=1 7');
});

test('C-033: control characters outside of strings become text', () => {
  const line = formatLine(metric({ 'k\x7f': 's\x07' }, { a: 'x\x1b[2J\vy' }, 'c\0pu'));
  expect(line).toBe('c\\x00pu,a=x\\x1b[2J\\vy k\\x7f="s\x07" 7');
  expect(parseLines(line).errors).toEqual([]);
});

test('a taken batch is not overwritten by the next one', () => {
  const encoder = new LineEncoder();
  encoder.add(metric({ v: 1 }));
  const first = encoder.take();
  encoder.add(metric({ v: 2 }));
  expect(text(first)).toBe('cpu v=1 7\n');
});

test('another name with the same tags object gets its own prefix', () => {
  const one = metric({ v: 1 }, internTags({ host: 'a' }));
  expect(text(encodeLines([one, { ...one, name: 'mem' }, one]))).toBe(
    'cpu,host=a v=1 7\nmem,host=a v=1 7\ncpu,host=a v=1 7\n',
  );
});

test('tags that are not frozen can change between lines', () => {
  const tags = { host: 'a' };
  const one = metric({ v: 1 }, tags);
  const before = formatLine(one);
  tags.host = 'b';
  expect([before, formatLine(one)]).toEqual(['cpu,host=a v=1 7', 'cpu,host=b v=1 7']);
});

test('floats are written as the shortest decimal that reads back, without exponent', () => {
  const decimal = fc.tuple(fc.integer(), fc.integer({ min: -9, max: 12 })).map(([m, e]) => Number(`${m}e${e}`));
  fc.assert(
    fc.property(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), decimal), (value) => {
      const written = formatLine(metric({ v: value })).slice('cpu v='.length, -' 7'.length);
      expect(written).toMatch(/^-?\d+(\.\d*[1-9])?$/);
      expect(Object.is(Number(written), value)).toBe(true);
      if (!Object.is(value, -0)) expect(written).toBe(plainDecimal(value));
    }),
    { numRuns: 3000 },
  );
});

test('parsing an encoded metric gives its normal form', () => {
  fc.assert(
    fc.property(fc.array(anyMetric, { minLength: 1, maxLength: 5 }), (metrics) => {
      const { metrics: read, errors } = parseLines(encodeLines(metrics));
      expect(errors).toEqual([]);
      expect(read).toEqual(metrics.map(normalForm));
    }),
    { numRuns: 1500 },
  );
});

test('encoding a parsed line gives the same line', () => {
  fc.assert(
    fc.property(anyMetric, (given) => {
      const line = formatLine(normalForm(given));
      expect(parseLines(line).metrics.map(formatLine)).toEqual([line]);
    }),
    { numRuns: 1500 },
  );
});

test('a series can change its fields, their order and their number', () => {
  const tags = internTags({ host: 'changing' });
  const long = 'a_key_that_takes_more_than_sixteen_bytes';
  const given = [
    { a: 1, b: 2 },
    { a: 1 },
    { b: 2, a: 1 },
    { a: 1, b: 2, [long]: 3 },
    { '\\': 0, b: 2 },
    { a: 1, b: 2 },
  ];
  expect(text(encodeLines(given.map((fields) => metric(fields, tags)))).split(' 7\n')).toEqual(
    ['a=1,b=2', 'a=1', 'b=2,a=1', `a=1,b=2,${long}=3`, 'b=2', 'a=1,b=2', ''].map((fields) =>
      fields === '' ? '' : `cpu,host=changing ${fields}`,
    ),
  );
});
