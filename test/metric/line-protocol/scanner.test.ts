import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { encodeLines, fieldKey, parseLines, scanLines, SeriesIndex } from '../../../src/metric/line-protocol.ts';
import { lineEnd } from '../../../src/metric/line-protocol/scanner.ts';
import { anyMetric, normalForm } from './arbitraries.ts';

const names = () => new SeriesIndex((name, tags) => ({ name, tags }));

interface Seen {
  readonly name: string | undefined;
  readonly line: string;
  readonly fields: string;
  readonly value: number | undefined;
}

function scan(text: string, index = names(), key = 'v'): Seen[] {
  const seen: Seen[] = [];
  const wanted = fieldKey(key);
  scanLines(Buffer.from(text), index, (line) => {
    seen.push({
      name: line.series?.name,
      line: line.lines.toString('utf8', line.start, line.end),
      fields: line.lines.toString('utf8', line.fields, line.fieldsEnd),
      value: line.number(wanted),
    });
  });
  return seen;
}

test('locates lines, their series, their fields and one number', () => {
  expect(scan('# hi\n\n cpu,host=a u=1,v=2.5 1\r\nm\\ x v=3i\nmem v=-4u,w="v=5"')).toEqual([
    { name: 'cpu', line: 'cpu,host=a u=1,v=2.5 1\r', fields: 'u=1,v=2.5', value: 2.5 },
    { name: 'm x', line: 'm\\ x v=3i', fields: 'v=3i', value: 3 },
    { name: 'mem', line: 'mem v=-4u,w="v=5"', fields: 'v=-4u,w="v=5"', value: undefined },
  ]);
});

test.each([
  ['a u=1,vv=2,v=3 1', 3],
  ['a s="x,v=1 \n,v=2",v=3 1', 3],
  ['a s="\\",v=1",v=3', 3],
  ['a k\\,v=1,v=3', 3],
  ['a  v=3', 3],
  ['a,v=1 u=2 3', undefined],
  ['a v="3"', undefined],
  ['a v=true', undefined],
  ['a v=3x', undefined],
  ['a v=', undefined],
  ['a vv=1', undefined],
  ['a s="never closed,v=3', undefined],
  ['a u=1\nb v=2', undefined],
])('the number v of %j is %s', (line, value) => {
  expect(scan(line)[0]?.value).toBe(value);
});

test.each([
  ['a v=1 17', 'v=1'],
  ['a v=1 -17 \t', 'v=1'],
  ['a v=1', 'v=1'],
  ['a v=17', 'v=17'],
  ['a v=-17', 'v=-17'],
  ['a s="b 17"', 's="b 17"'],
  ['a s="b 17" 18', 's="b 17"'],
  ['a ', ''],
])('the fields of %j end where they should', (line, fields) => {
  expect(scan(line)[0]?.fields).toBe(fields);
});

test('a line without a well-formed series is visited without one', () => {
  expect(scan('a v=1\nbroken\na,b v=2\na v=3').map(({ name, line }) => [name, line])).toEqual([
    ['a', 'a v=1'],
    [undefined, 'broken'],
    [undefined, 'a,b v=2'],
    ['a', 'a v=3'],
  ]);
});

test('a series is described once, whatever the order of the lines', () => {
  const described: string[] = [];
  const index = new SeriesIndex((name) => {
    described.push(name);
    return { name, tags: {} };
  });
  const order = ['a', 'bb', 'ccc', 'a', 'bb', 'ccc', 'ccc', 'a', 'ccc', 'bb', 'a', 'bb'];
  expect(scan(order.map((name) => `${name} v=1`).join('\n'), index).map(({ name }) => name)).toEqual(order);
  expect(described).toEqual(['a', 'bb', 'ccc']);
});

test('a predicted series that is only a prefix does not match', () => {
  const text = 'aaaa v=1\nbbbb,h=1 v=1\naaaa v=1\nbbbb,h=12 v=1\naaaa v=1\nbbbb,h=1';
  expect(scan(text).map(({ name }) => name)).toEqual(['aaaa', 'bbbb', 'aaaa', 'bbbb', 'aaaa', undefined]);
  const tags: unknown[] = [];
  scanLines(Buffer.from(text), names(), (line) => tags.push(line.series?.tags['h']));
  expect(tags).toEqual([undefined, '1', undefined, '12', undefined, undefined]);
});

test('the index stays within its limit and still finds series', () => {
  const index = new SeriesIndex((name, tags) => ({ name, tags }), 10);
  const order = Array.from({ length: 100 }, (_, i) => `series${i}`);
  expect(scan(order.map((name) => `${name} v=1`).join('\n'), index).map(({ name }) => name)).toEqual(order);
  expect(index.size).toBeLessThanOrEqual(10);
});

test('scanner and parser see the same lines, series and numbers', () => {
  fc.assert(
    fc.property(fc.array(anyMetric, { minLength: 1, maxLength: 6 }), (metrics) => {
      const lines = encodeLines([...metrics, ...metrics].map(normalForm));
      const parsed = parseLines(lines).metrics;
      const found: unknown[] = [];
      scanLines(lines, names(), (line) => {
        const { fields } = parsed[found.length] ?? { fields: {} };
        const numbers = Object.entries(fields).map(([key]) => line.number(fieldKey(key)));
        found.push({ ...line.series, raw: line.lines.toString('utf8', line.fieldsEnd, line.end), numbers });
      });
      expect(found).toEqual(
        parsed.map(({ name, tags, fields, time }) => ({
          name,
          tags,
          raw: ` ${time}`,
          numbers: Object.values(fields).map((value) =>
            typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined,
          ),
        })),
      );
    }),
    { numRuns: 700 },
  );
});

test('H-026: no input throws or is skipped: lines are visited in order and cover everything but comments and blanks', () => {
  const hostile = fc
    .array(fc.constantFrom(...Array.from('a=," \\\n\r\t#1.-i'), '="', ' b="'), { maxLength: 80 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(hostile, (text) => {
      let end = 0;
      scanLines(Buffer.from(text), names(), (line) => {
        expect(line.start).toBeGreaterThanOrEqual(end);
        expect(text.slice(end, line.start)).toMatch(/^(\s|#[^\n]*(\n|$))*$/);
        expect(line.end).toBe(lineEnd(line.lines, line.start));
        expect(line.fields).toBeLessThanOrEqual(line.end);
        expect(line.fieldsEnd).toBeLessThanOrEqual(line.end);
        line.number(fieldKey('a'));
        end = line.end;
      });
    }),
    { numRuns: 3000 },
  );
});
