import { expect, test } from '@jest/globals';

import { chartLines, type Drawing, type Drawn } from '../../../src/commands/history/charts.ts';

const DRAWING: Drawing = { from: 0, step: 60_000, width: 60, height: 40, colours: 'none', isUnicode: false };

function drawn(name: string, values: readonly number[], unit = ''): Drawn {
  const all = Float64Array.from(values);
  const of = { set: { host: '', name, tags: {} }, field: 'v' };
  return {
    of,
    fn: 'mean',
    unit,
    values: all,
    lows: all.map((value) => value - 1),
    highs: all.map((value) => value + 1),
  };
}

test('a series is a chart with a legend: the newest value, the extremes of its samples, the mean', () => {
  const lines = chartLines([drawn('mem', [1024, NaN, 3072], 'bytes')], DRAWING);
  expect(lines[0]).toBe('mem.v  mean of 1 min');
  expect(lines[1]).toMatch(/^ +3 KiB \|/);
  expect(lines.slice(-2).map((line) => line.replace(/ +/g, ' '))).toEqual([
    'series last min mean max',
    'mem.v 3 KiB 1023 B 2 KiB 3 KiB',
  ]);
  expect(lines.join('')).not.toMatch(/[^\x20-\x7e]/);
});

test('four series are charts, more are a row each; names cannot move the cursor', () => {
  const some = (count: number) => Array.from({ length: count }, (_, n) => drawn(`m${n}\u001b[2J`, [n, 2 * n], 's'));
  const four = chartLines(some(4), DRAWING);
  expect(four.filter((line) => line.includes('mean of'))).toHaveLength(4);
  expect(four.length).toBeLessThanOrEqual(DRAWING.height);
  const five = chartLines(some(5), DRAWING);
  expect(five).toHaveLength(6);
  expect(five[5]).toMatch(/^\S+m4\S+ +[.:|]+ +8 s +3 s +6 s +9 s$/);
  expect([...four, ...five].join('')).not.toContain('\u001b');
});
