import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { parseLines } from '../../../src/metric/line-protocol.ts';

const MAX = 2n ** 63n - 1n;
const NOW = 1_700_000_000_123_456_789n;

const parse = (input: string, precision: 'ns' | 'us' | 'ms' | 's' = 'ns') =>
  parseLines(input, { defaultTime: NOW, precision });
const cpu = (fields: object, time = NOW, tags: object = {}) => ({ name: 'cpu', tags, fields, time });

const good: readonly (readonly [input: string, ...metrics: object[]])[] = [
  ['cpu value=42', cpu({ value: 42 })],
  ['cpu value=42i 0', cpu({ value: 42n }, 0n)],
  ['cpu value=42u', cpu({ value: 42n })],
  ['cpu value=9223372036854775807i', cpu({ value: MAX })],
  ['cpu value=-9223372036854775808i', cpu({ value: -MAX - 1n })],
  ['cpu value=18446744073709551615u', cpu({ value: 2n ** 64n - 1n })],
  ['cpu value=-0i', cpu({ value: 0n })],
  ['cpu value=-.42', cpu({ value: -0.42 })],
  ['cpu value=.42', cpu({ value: 0.42 })],
  ['cpu value=00.42', cpu({ value: 0.42 })],
  ['cpu value=42E0', cpu({ value: 42 })],
  ['cpu value=42e-1', cpu({ value: 4.2 })],
  ['cpu value=0.1234567890123456789', cpu({ value: 0.1234567890123456789 })],
  ['cpu value=T', cpu({ value: true })],
  ['cpu value=False', cpu({ value: false })],
  ['cpu value="how\\"dy"', cpu({ value: 'how"dy' })],
  ['cpu value="how\\\\dy"', cpu({ value: 'how\\dy' })],
  ['cpu value="how\\dy"', cpu({ value: 'how\\dy' })],
  ['cpu value="a\\\\" 1', cpu({ value: 'a\\' }, 1n)],
  ['cpu value="4\n2"', cpu({ value: '4\n2' })],
  ['cpu value="a,b c=d",n=1i', cpu({ value: 'a,b c=d', n: 1n })],
  ['c\\ pu value=42', { ...cpu({ value: 42 }), name: 'c pu' }],
  ['c\\,pu value=42', { ...cpu({ value: 42 }), name: 'c,pu' }],
  ['c=pu value=42', { ...cpu({ value: 42 }), name: 'c=pu' }],
  ['cpu,ho\\st=localhost value=42', cpu({ value: 42 }, NOW, { 'ho\\st': 'localhost' })],
  ['cpu,ho\\=st=localhost value=42', cpu({ value: 42 }, NOW, { 'ho=st': 'localhost' })],
  ['cpu,ho\\,st=localhost value=42', cpu({ value: 42 }, NOW, { 'ho,st': 'localhost' })],
  ['cpu,host=two\\ words value=42', cpu({ value: 42 }, NOW, { host: 'two words' })],
  ['cpu,host=two\\\\ words value=42', cpu({ value: 42 }, NOW, { host: 'two\\ words' })],
  ['cpu,host=two\\\\\\ words value=42', cpu({ value: 42 }, NOW, { host: 'two\\\\ words' })],
  ['cpu va\\=lue=42', cpu({ 'va=lue': 42 })],
  ['cpu va\\,lue=42', cpu({ 'va,lue': 42 })],
  ['cpu va\\ lue=42', cpu({ 'va lue': 42 })],
  ['cpu va\\lue=42', cpu({ 'va\\lue': 42 })],
  ['cpu ☺=42', cpu({ '☺': 42 })],
  ['cpu value=42 1516241192000000000', cpu({ value: 42 }, 1516241192000000000n)],
  ['cpu value=42 -1', cpu({ value: 42 }, -1n)],
  ['# comment\ncpu value=42', cpu({ value: 42 })],
  [' cpu \t value=42 ', cpu({ value: 42 })],
  ['cpu value=42\r\n', cpu({ value: 42 })],
  ['cpu value=42 7\r\n', cpu({ value: 42 }, 7n)],
  ['cpu value=42 7\r', cpu({ value: 42 }, 7n)],
  ['cpu value=42\n\ncpu value=43', cpu({ value: 42 }), cpu({ value: 43 })],
  ['cpu value=1,value=2', cpu({ value: 2 })],
  ['cpu,a=1,a=2 value=1', cpu({ value: 1 }, NOW, { a: '2' })],
  [
    'cpu v=1 1\ncpu v=1 -1034567890\ncpu v=1 -1134567890',
    cpu({ v: 1 }, 1n),
    cpu({ v: 1 }, -1034567890n),
    cpu({ v: 1 }, -1134567890n),
  ],
];

test.each(good)('reads %j', (input, ...metrics) => {
  expect(parse(input)).toEqual({ metrics, errors: [], refused: 0 });
});

test.each([
  ['cpu value=9223372036854775808i', '1:31', 'range'],
  ['cpu value=18446744073709551616u', '1:32', 'range'],
  ['cpu value=1e999', '1:16', 'range'],
  ['cpu value=-1u', '1:14', 'number'],
  ['cpu value=42E', '1:14', 'number'],
  ['cpu value=.', '1:12', 'number'],
  ['cpu value=1.1.1', '1:14', 'comma'],
  ['cpu value=+1', '1:11', 'number'],
  ['cpu value=NaN', '1:11', 'number'],
  ['cpu value=howdy', '1:11', 'number'],
  ['cpu value=Truely', '1:11', 'boolean'],
  ['cpu value="open', '1:11', 'never closed'],
  ['cpu', '1:4', 'tag or a field'],
  ['cpu,host', '1:5', 'tag'],
  ['cpu,host value=1', '1:5', 'tag'],
  ['cpu,h= value=1', '1:7', 'tag value'],
  ['cpu,h,ost=x value=1', '1:5', 'tag'],
  ['cpu,h=ost=x value=1', '1:10', 'comma'],
  ['cpu,h ost=x value=1', '1:5', 'tag'],
  ['cpu, value=42', '1:5', 'tag'],
  ['cpu,x=y ', '1:9', 'field'],
  ['cpu value=1,', '1:13', 'field'],
  ['cpu value=42 value=43', '1:14', 'time'],
  ['cpu value=42 15162411920000000000', '1:34', '19 digits'],
  ['cpu value=42 9999999999999999999', '1:33', 'range'],
  ['cpu value=42 "1516241192"', '1:14', 'time'],
  ['cpu value=42 1 1', '1:16', 'end of the line'],
  ['cpu value=42\r ', '1:13', 'comma'],
  ['\\\\ value=1', '1:11', 'tag or a field'],
  [',host=a value=1', '1:1', 'name'],
])('refuses %j at %s', (input, position, problem) => {
  const { metrics, errors, refused } = parse(input);
  expect(metrics).toEqual([]);
  expect(refused).toBe(1);
  expect(errors[0]?.message).toMatch(new RegExp(`^${position}: .*${problem}`));
  expect(errors[0]?.excerpt).toBe(input);
});

test.each([
  ['007i', 7n],
  ['-042i', -42n],
  ['000i', 0n],
  ['0000000000000000000000000000000007u', 7n],
  ['0000000000000000000000000009223372036854775807i', MAX],
  ['-0000000000000000000000000009223372036854775808i', -MAX - 1n],
  ['00000000000000000000000000018446744073709551615u', 2n ** 64n - 1n],
])('C-031: reads the integer %s', (text, value) => {
  expect(parse(`cpu value=${text} 1`)).toEqual({ metrics: [cpu({ value }, 1n)], errors: [], refused: 0 });
});

test.each(['0000000000000000000000000009223372036854775808i', '00000000000000000000000000018446744073709551616u'])(
  'C-031: refuses the integer %s, which is out of range',
  (text) => {
    expect(parse(`cpu value=${text} 1`).errors[0]?.message).toMatch('range');
  },
);

test.each([
  ['cpu\vvalue=42', '1:4'],
  ['cpu,a=b\fvalue=42', '1:8'],
  ['\vcpu value=42', '1:1'],
  ['c\0pu value=42', '1:2'],
  ['c\rpu value=42', '1:2'],
  ['cpu,a\x7f=b value=42', '1:6'],
  ['cpu,a=\x1b[2J value=42', '1:7'],
  ['cpu va\x01lue=42', '1:7'],
  ['cpu a=1,b\x02=42', '1:10'],
  ['cpu \vvalue=42', '1:5'],
  ['cpu value=42\f7', '1:13'],
  ['cpu value=42 \v7', '1:14'],
  ['cpu value=42 7\v', '1:15'],
])('C-033: refuses the control character in %j at %s', (input, position) => {
  const { errors, metrics } = parse(`${input}\ncpu value=1`);
  expect(metrics).toEqual([cpu({ value: 1 })]);
  expect(errors.map(({ message }) => message.slice(0, message.indexOf(': ')))).toEqual([position]);
});

test('C-033: strings may contain control characters', () => {
  expect(parse('cpu value="\v\f\0\x1b\x7f\r"').metrics).toEqual([cpu({ value: '\v\f\0\x1b\x7f\r' })]);
});

test.each([
  ['a measurement', 'c\xffpu value=42'],
  ['a tag', 'cpu,a=\xe9 value=42'],
  ['a field key', 'cpu va\xc0\x80lue=42'],
  ['a string', 'cpu value="caf\xe9"'],
  ['a string that is cut', 'cpu value="\xe2\x98"'],
])('C-034: invalid UTF-8 in %s costs that line, with an error', (_what, bad) => {
  const input = Buffer.from(`cpu value=1\n${bad}\ncpu value="\xe2\x98\xba"`, 'latin1');
  for (let time = 0; time < 2; time += 1) {
    const { metrics, errors } = parseLines(input, { defaultTime: NOW });
    expect(metrics).toEqual([cpu({ value: 1 }), cpu({ value: '☺' })]);
    expect(errors.map(({ message }) => message)).toEqual(['2:1: not valid UTF-8']);
  }
});

test('keeps good lines between bad ones, and numbers the bad ones', () => {
  const { metrics, errors } = parse('foo value=1asdf2.0\nfoo value=2\nfoo value=1asdf2.0');
  expect(metrics.map(({ fields }) => fields)).toEqual([{ value: 2 }]);
  expect(errors.map(({ line, column }) => [line, column])).toEqual([
    [1, 12],
    [3, 12],
  ]);
});

test('an unclosed string costs one line', () => {
  const { metrics, errors } = parse('a v=1\na v="oops\na v=2\na v=3');
  expect(metrics.map(({ fields }) => fields['v'])).toEqual([1, 2, 3]);
  expect(errors).toHaveLength(1);
});

test('newlines inside strings count as lines in error positions', () => {
  expect(parse('a s="1\n2\n3"\nbad').errors[0]).toMatchObject({ line: 4, column: 4 });
});

test.each([
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1_000n],
  ['ns', 1n],
] as const)('times in %s, and the default time cut to it', (precision, unit) => {
  const { metrics } = parse('cpu v=1 1\ncpu v=1\ncpu v=1 -1', precision);
  expect(metrics.map(({ time }) => time)).toEqual([unit, NOW - (NOW % unit), -unit]);
});

test('a nanosecond time read as seconds is refused instead of overflowing', () => {
  expect(parse('cpu v=1 1516241192000000000', 's').errors[0]?.message).toContain('range');
});

test('without a default time, lines without a time get the current time', () => {
  const before = BigInt(Date.now()) * 1_000_000n;
  const [metric] = parseLines('cpu v=1').metrics;
  expect(metric?.time).toBeGreaterThanOrEqual(before);
});

test('names of object internals such as __proto__ are ordinary keys', () => {
  const [metric] = parse('cpu,__proto__=a,constructor=b __proto__=1,toString=2').metrics;
  expect(Object.entries(metric?.tags ?? {})).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
  expect(Object.entries(metric?.fields ?? {})).toEqual([
    ['__proto__', 1],
    ['toString', 2],
  ]);
  expect(Object.getPrototypeOf(metric?.fields)).toBe(Object.prototype);
});

test('excerpts are short and show the problem', () => {
  const { errors } = parse(`cpu ${'a'.repeat(5000)}=1,bad`);
  expect(errors[0]?.excerpt).toHaveLength(512);
  expect(errors[0]?.excerpt).toMatch(/=1,bad$/);
});

test('details of errors are bounded, their count is exact', () => {
  const { errors, refused } = parse('x\n'.repeat(5000));
  expect([errors.length, refused]).toEqual([1000, 5000]);
});

/** Bytes with a meaning in line protocol are far more frequent here than in random input. */
const hostile = fc
  .array(fc.constantFrom(...Array.from('a=," \\\n\r\t#1.-eiuTf\u00e9\0')), { maxLength: 60 })
  .map((characters) => characters.join(''));

test('H-026: no input throws', () => {
  fc.assert(
    fc.property(fc.oneof(hostile, fc.uint8Array({ maxLength: 200 })), (input) => {
      const { errors, refused } = parseLines(input, { defaultTime: 0n });
      expect(refused).toBe(errors.length);
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ['strings that open and never end', '" x="\n'],
  ['quotes', '"'],
  ['escaped quotes', 'a a="\\"'],
  ['backslashes', '\\'],
  ['keys without end', 'a ,'],
  ['fields', 'a b="\n",c="'],
  ['commas', 'a,'],
  ['digits', 'a b=1'],
  ['comments', '#"\n'],
])('takes linear time for %s', (_name, piece) => {
  const input = Buffer.from(`cpu v=${'9'.repeat(10)},s="${piece.repeat(2_000_000 / piece.length)}`);
  const start = performance.now();
  parseLines(input, { defaultTime: 0n });
  parseLines(input.subarray(12), { defaultTime: 0n });
  // A quadratic scan of two megabytes takes hours.
  expect(performance.now() - start).toBeLessThan(10_000);
});
