import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { atOnce } from '../../src/core/turns.ts';
import { parseExposition, type Format } from '../../src/plugins/exposition.ts';
import { pointsOf } from '../../src/plugins/exposition-points.ts';

const parse = (text: string, format: Format) => atOnce(parseExposition(text, format, 1000));

/** Each sample as `[name, labels, value, time]`. */
function read(text: string, format: Format = 'text'): readonly (readonly unknown[])[] {
  const { samples } = parse(text, format);
  return samples.map(({ name, labels, value, time }) => [name, Object.fromEntries(labels), value, time]);
}

function points(text: string, format: Format = 'text') {
  return atOnce(pointsOf(parse(text, format), false)).map(({ tags, fields }) => [tags, fields] as const);
}

describe('the text format', () => {
  test('parses samples between comments, with any spacing', () => {
    const text = [
      '# HELP up Whether it "is" up\\n',
      '# TYPE up gauge',
      'up 1',
      '# just a remark',
      '',
      '  spaced  { a = "b" , c="d", }\t 2.5e-3   1395066363000  ',
      'tabs\t-4',
      'name:with:colons{}+.5',
      'crlf 7\r',
      'unended 8',
    ].join('\n');
    expect(read(text)).toEqual([
      ['up', {}, 1, undefined],
      ['spaced', { a: 'b', c: 'd' }, 0.0025, 1_395_066_363_000_000_000n],
      ['tabs', {}, -4, undefined],
      ['name:with:colons', {}, 0.5, undefined],
      ['crlf', {}, 7, undefined],
      ['unended', {}, 8, undefined],
    ]);
  });

  test('parses escapes, braces and any other text in label values', () => {
    const text = String.raw`x{path="C:\\new\"\n",odd="a,b}=# 1 {",lone="\d",münchen_="" ,empty=""} 1`;
    expect(() => read(text)).toThrow('line 1: expected labels such as');
    expect(read(text.replace('münchen_', 'city'))).toEqual([
      ['x', { path: 'C:\\new"\n', odd: 'a,b}=# 1 {', lone: String.raw`\d` }, 1, undefined],
    ]);
    expect(read('x{a="\\\u2028"} 1')).toEqual([['x', { a: '\\\u2028' }, 1, undefined]]);
    expect(read('x{city="München 🌧"} 1')).toEqual([['x', { city: 'München 🌧' }, 1, undefined]]);
  });

  test('C-024: names of metrics and labels in quotes are any text', () => {
    const text = String.raw`# TYPE "http.server.duration" histogram
{"http.server.duration","service.name"="x"} 1
{"größe \"1\"\n\\", a="b", "größe"="2"} 2 1395066363000
plain{"service.name"="y",} 3
 { "http.server.duration_bucket" , le = "+Inf" , "service.name"="x" , } 4
up 5`;
    expect(read(text)).toEqual([
      ['http.server.duration', { 'service.name': 'x' }, 1, undefined],
      ['größe "1"\n\\', { a: 'b', größe: '2' }, 2, 1_395_066_363_000_000_000n],
      ['plain', { 'service.name': 'y' }, 3, undefined],
      ['http.server.duration_bucket', { le: '+Inf', 'service.name': 'x' }, 4, undefined],
      ['up', {}, 5, undefined],
    ]);
    expect(parse(text, 'text').types).toEqual(new Map([['http.server.duration', 'histogram']]));
    expect(read('{"a.b"} 1 # {trace="1"} 2\n# EOF', 'openMetrics')).toEqual([['a.b', {}, 1, undefined]]);
  });

  test.each([
    ['{"a","b"} 1', 'two names'],
    ['x{"a"} 1', 'two names'],
    ['{a="b"} 1', 'expected a metric name'],
    ['{} 1', 'expected a metric name'],
    ['{""} 1', 'expected labels'],
    ['{"a",""="b"} 1', 'expected labels'],
    ['{a} 1', 'expected labels'],
    ['{"a",b} 1', 'expected labels'],
    ['{"a" "b"="c"} 1', 'expected labels'],
    ['{"a","b"="1",b="2"} 1', 'duplicate label b'],
    ['"a" 1', 'expected a metric name'],
    ['{"a} 1', 'expected labels'],
  ])('C-024: %s is refused', (line, problem) => {
    expect(() => read(line)).toThrow(`line 1: `);
    expect(() => read(line)).toThrow(problem);
  });

  test('C-024: the missing bucket of a histogram with such a name is added', () => {
    const text = '# TYPE "h.x" histogram\n{"h.x_bucket",le="1"} 2\n{"h.x_count"} 3\n{"h.x_sum"} 4\n';
    expect(points(text)).toContainEqual([{ le: '+Inf' }, { 'h.x_bucket': 3 }]);
  });

  test('parses NaN and infinity', () => {
    expect(read('a NaN\nb +Inf\nc -Inf\nd inf').map(([, , value]) => value)).toEqual([
      NaN,
      Infinity,
      -Infinity,
      Infinity,
    ]);
  });

  test.each([
    ['9x 1', 'expected a metric name'],
    ['x', 'expected a number'],
    ['x one', 'expected a number'],
    ['x 0x10', 'expected a number'],
    ['x 1 2 3', 'expected a number'],
    ['x 1 soon', 'expected a timestamp'],
    ['x 1 1.5', 'expected a timestamp'],
    [`x 1 ${'9'.repeat(400)}`, 'expected a timestamp'],
    ['x{a="b" c="d"} 1', 'expected labels such as'],
    ['x{a="b} 1', 'expected labels such as'],
    ['x{a=b} 1', 'expected labels such as'],
    ['x{a="1",a="2"} 1', 'duplicate label a'],
    ['<!doctype html>', 'expected a metric name'],
  ])('reports the line number of an invalid line: %s', (line, problem) => {
    const excerpt = JSON.stringify(line).slice(0, 40).replace(/"$/, '');
    expect(() => read(`up 1\n${line}\nup 2\n`)).toThrow(`line 2: ${problem}`);
    expect(() => read(`up 1\n${line}\nup 2\n`)).toThrow(excerpt);
  });

  test('quotes only the beginning of a long line', () => {
    expect(() => read(`x{a="${'y'.repeat(100_000)}`)).toThrow(/^.{50,200}…"$/);
  });

  test('takes linear time, also for invalid input', () => {
    const begin = performance.now();
    expect(() => read(`x${' '.repeat(100_000)}y z`)).toThrow();
    expect(() => read(`x{${'a="b\\\\",'.repeat(20_000)}`)).toThrow();
    expect(() => read(`x ${'1'.repeat(100_000)}y`)).toThrow();
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  test('parses labels of any length', () => {
    const value = 'v'.repeat(10_000_000);
    expect(read(`x{a="${value}"} 1`)).toEqual([['x', { a: value }, 1, undefined]]);
  });
});

describe('OpenMetrics', () => {
  test('parses times in seconds, units, creation times and exemplars', () => {
    const text = [
      '# TYPE foo_seconds counter',
      '# UNIT foo_seconds seconds',
      '# HELP foo_seconds Time \\"spent\\"',
      'foo_seconds_total{a="b"} 17.0 1520879607.789 # {trace_id="oHg5 # SJ"} 0.67 1520879607.7',
      'foo_seconds_created{a="b"} 1520430000.123',
      'bar_bucket{le="0.5"} 3 # {} 0.4',
      '# EOF',
      '',
    ].join('\n');
    expect(read(text, 'openMetrics')).toEqual([
      ['foo_seconds_total', { a: 'b' }, 17, 1_520_879_607_789_000_000n],
      ['foo_seconds_created', { a: 'b' }, 1_520_430_000.123, undefined],
      ['bar_bucket', { le: '0.5' }, 3, undefined],
    ]);
  });

  test('must end with # EOF', () => {
    expect(() => read('a 1\n', 'openMetrics')).toThrow('# EOF is missing');
    expect(() => read('a 1\n# EOF\nb 2\n', 'openMetrics')).toThrow('line 3: unexpected text after # EOF');
    expect(read('a 1\n# EOF', 'openMetrics')).toHaveLength(1);
  });
});

describe("points in the format of Telegraf's metric_version 2", () => {
  test('a histogram gives one point per bucket, and one for count and sum', () => {
    const text = [
      '# TYPE h histogram',
      'h_bucket{a="b",le="0.1"} 1',
      'h_bucket{a="b",le="+Inf"} 3',
      'h_sum{a="b"} 4.5',
      'h_count{a="b"} 3',
    ].join('\n');
    expect(points(text)).toEqual([
      [{ a: 'b', le: '0.1' }, { h_bucket: 1 }],
      [{ a: 'b', le: '+Inf' }, { h_bucket: 3 }],
      [{ a: 'b' }, { h_sum: 4.5, h_count: 3 }],
    ]);
  });

  test('the +Inf bucket is added only if it is missing', () => {
    const lines = [
      '# TYPE h histogram',
      'h_bucket{le="1"} 1',
      'h_count 3',
      'h_bucket{z="",a="b",le="1"} 4',
      'h_count{a="b"} 5',
    ];
    expect(points(lines.join('\n')).filter(([tags]) => tags['le'] === '+Inf')).toEqual([
      [{ le: '+Inf' }, { h_bucket: 3 }],
      [{ a: 'b', le: '+Inf' }, { h_bucket: 5 }],
    ]);
    expect(points(lines.slice(1).join('\n')).filter(([tags]) => tags['le'] === '+Inf')).toEqual([]);
  });

  test('a summary gives one point per quantile; NaN is dropped', () => {
    const text = '# TYPE s summary\ns{quantile="0.5"} 2\ns{quantile="0.99"} NaN\ns_sum 5\ns_count 2';
    expect(points(text)).toEqual([
      [{ quantile: '0.5' }, { s: 2 }],
      [{}, { s_sum: 5, s_count: 2 }],
    ]);
  });

  test('samples with equal labels and time share a point', () => {
    expect(points('a{x="1",y="2"} 1\nb{y="2",x="1"} 2\nc 3\nd 4 1000\n__proto__ 5')).toEqual([
      [
        { x: '1', y: '2' },
        { a: 1, b: 2 },
      ],
      [
        {},
        Object.fromEntries([
          ['c', 3],
          ['__proto__', 5],
        ]),
      ],
      [{}, { d: 4 }],
    ]);
  });
});

const anyText = fc.string({ unit: 'grapheme', maxLength: 8 });
const quote = (text: string) => `"${text.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`;

const anySample = fc.record({
  name: anyText.filter((name) => name !== ''),
  labels: fc.dictionary(
    anyText.filter((name) => name !== ''),
    anyText,
    { maxKeys: 4, noNullPrototype: true },
  ),
  value: fc.double(),
  time: fc.option(fc.integer(), { nil: undefined }),
});

test('H-028: any sample that is written is read as it was', () => {
  fc.assert(
    fc.property(fc.array(anySample, { maxLength: 6 }), (samples) => {
      const text = samples.map(({ name, labels, value, time }) => {
        const pairs = Object.entries(labels).map(([key, label]) => `${quote(key)}=${quote(label)}`);
        return `{${[quote(name), ...pairs].join(',')}} ${value}${time === undefined ? '' : ` ${time}`}\n`;
      });
      expect(read(text.join(''))).toEqual(
        samples.map(({ name, labels, value, time }) => [
          name,
          Object.fromEntries(Object.entries(labels).filter(([, label]) => label !== '')),
          value === 0 ? expect.closeTo(0) : value,
          time === undefined ? undefined : BigInt(time) * 1_000_000n,
        ]),
      );
    }),
    { numRuns: 1000 },
  );
});

test('H-028: no exposition crashes the parser: it is read, or refused with the number of its line', () => {
  const pieces = [
    'a',
    'b_bucket',
    'le',
    '{',
    '}',
    '"',
    '=',
    ',',
    ' ',
    '\t',
    '\n',
    '\r',
    '\\',
    '#',
    '# TYPE ',
    '# EOF',
    ' # {',
  ];
  const numbers = [
    '1',
    '-2.5e3',
    'NaN',
    '+Inf',
    '9'.repeat(400),
    '1e999',
    '__proto__',
    'histogram',
    '\0',
    '\u2028',
    'é',
    '\ud800',
  ];
  const hostile = fc
    .array(fc.oneof(fc.constantFrom(...pieces, ...numbers), fc.string({ unit: 'binary', maxLength: 3 })), {
      maxLength: 60,
    })
    .map((parts) => parts.join(''));
  // Beginning like a sample reaches further into the parser.
  const likely = fc.tuple(hostile, hostile).map(([a, b]) => `# TYPE h histogram\nh_bucket{${a}} 1\n${b}`);
  const run = (text: string, format: Format) => {
    try {
      for (const [tags, fields] of points(text, format)) {
        expect(Object.values(tags)).not.toContain('');
        expect(Object.values(fields).every(Number.isFinite)).toBe(true);
      }
    } catch (error) {
      expect((error as Error).message).toMatch(/^(line \d+: |truncated: # EOF is missing)/);
    }
  };
  fc.assert(fc.property(fc.oneof(hostile, likely), fc.constantFrom<Format>('text', 'openMetrics'), run), {
    numRuns: 20_000,
  });
});
