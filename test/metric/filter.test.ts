import { expect, test } from '@jest/globals';

import { compileFilter, type FilterSpec } from '../../src/metric/filter.ts';
import { encodeLines, formatLine, parseLines } from '../../src/metric/line-protocol.ts';

const LINES = [
  'cpu,cpu=cpu0,host=a idle=90,user=1 1',
  'disk,host=a,path=/var/lib used=5i 1',
  'docker/cpu,host=b note="two\nlines" 1',
  '.hidden,host=c v=1 1',
];
const INPUT = Buffer.from(`${LINES.join('\n')}\n`);

const cases: readonly (readonly [FilterSpec, readonly string[]])[] = [
  [{ only: { names: ['*'] } }, LINES],
  [{ only: { names: ['cpu'] } }, [LINES[0]!]],
  [{ only: { names: ['d*'] } }, [LINES[1]!, LINES[2]!]],
  [{ only: { names: ['*cpu'] } }, [LINES[0]!, LINES[2]!]],
  [{ only: { names: ['docker?cpu'] } }, [LINES[2]!]],
  [{ only: { names: ['c[a-z]u'] } }, [LINES[0]!]],
  [{ only: { names: ['{cpu,disk}'] } }, [LINES[0]!, LINES[1]!]],
  [{ only: { names: ['!cpu'] } }, []],
  [{ drop: { names: ['disk', 'docker/*'] } }, [LINES[0]!, LINES[3]!]],
  [{ only: { tags: { host: ['b'], path: ['/var/*'] } } }, [LINES[1]!, LINES[2]!]],
  [{ only: { tags: { path: ['*'] } } }, [LINES[1]!]],
  [{ only: { tags: { constructor: ['*'] } } }, []],
  [{ only: { names: ['cpu', 'disk'], tags: { path: ['/*'] } } }, [LINES[1]!]],
  [{ drop: { tags: { host: ['a'], path: ['x'] } } }, [LINES[2]!, LINES[3]!]],
  [{ drop: { names: ['cpu'], tags: { host: ['c'] } } }, [LINES[1]!, LINES[2]!]],
  [{ only: { tags: { host: ['a'] } }, drop: { names: ['cpu'] } }, [LINES[1]!]],
  [{ fields: { only: ['idle', 'us*'] } }, [LINES[0]!, LINES[1]!]],
  [{ fields: { drop: ['user'] } }, ['cpu,cpu=cpu0,host=a idle=90 1', ...LINES.slice(1)]],
  [{ only: { names: ['cpu'] }, fields: { only: ['*'], drop: ['i*'] } }, ['cpu,cpu=cpu0,host=a user=1 1']],
  [{ only: { names: ['cpu'] }, tag_keys: { drop: ['host'] } }, ['cpu,cpu=cpu0 idle=90,user=1 1']],
  [{ only: { names: ['disk'] }, tag_keys: { only: ['p*'] } }, ['disk,path=/var/lib used=5i 1']],
];

test.each(cases)('%j', (spec, expected) => {
  const filter = compileFilter(spec)!;
  // Twice, because the second time verdicts are remembered.
  for (let pass = 0; pass < 2; pass += 1) {
    const kept = parseLines(INPUT).metrics.flatMap((metric) => filter.apply(metric) ?? []);
    expect(kept.map(formatLine)).toEqual(expected);
    const { lines, size } = filter.applyToLines(INPUT);
    expect(Buffer.from(lines).toString()).toBe(expected.map((line) => `${line}\n`).join(''));
    expect(size).toBe(expected.length);
    if (expected === LINES) expect(lines).toBe(INPUT);
  }
});

test.each([{}, { only: {} }, { only: { names: [] }, drop: { tags: {} }, fields: { only: [], drop: [] } }])(
  'a filter that filters nothing is none: %j',
  (spec) => {
    expect(compileFilter(spec)).toBeUndefined();
  },
);

test('what is not changed is not copied', () => {
  const filter = compileFilter({ fields: { drop: ['absent'] } })!;
  const [metric] = parseLines(INPUT).metrics;
  expect(filter.apply(metric!)).toBe(metric);
  expect(filter.applyToLines(INPUT)).toEqual({ lines: INPUT, size: 4 });
  expect(filter.applyToLines(INPUT).lines).toBe(INPUT);
});

test('tags that are not interned are tested every time', () => {
  const filter = compileFilter({ drop: { tags: { host: ['a'] } } })!;
  const tags = { host: 'a' };
  const metric = { name: 'x', tags, fields: { v: 1 }, time: 1n };
  const before = filter.apply(metric);
  tags.host = 'b';
  expect([before, filter.apply(metric)]).toEqual([undefined, metric]);
});

test('a last line without a newline is kept after a dropped one', () => {
  const filter = compileFilter({ drop: { names: ['b'] } })!;
  const { lines, size } = filter.applyToLines(Buffer.from('a v=1 1\nb v=1 1\nc v=1 1'));
  expect([Buffer.from(lines).toString(), size]).toEqual(['a v=1 1\nc v=1 1', 2]);
});

test('a malformed line passes an editing filter unchanged', () => {
  const filter = compileFilter({ fields: { drop: ['a'] } })!;
  const input = Buffer.from('x a=bad 1\nx a=1,b=2 1\n');
  expect(Buffer.from(filter.applyToLines(input).lines).toString()).toBe('x a=bad 1\nx b=2 1\n');
});

test('edited metrics can be encoded', () => {
  const filter = compileFilter({ tag_keys: { drop: ['host'] } })!;
  const edited = parseLines(INPUT).metrics.flatMap((metric) => filter.apply(metric) ?? []);
  expect(Buffer.from(encodeLines(edited)).toString()).not.toContain('host=');
});
