import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { drawChart, type ChartOptions } from '../../../src/terminal/draw/chart.ts';
import { textWidth } from '../../../src/terminal/screen/width.ts';

const OPTIONS: ChartOptions = {
  from: Date.UTC(2026, 0, 31, 8),
  step: 60_000,
  unit: 'percent',
  width: 50,
  height: 6,
  colours: 'none',
  timeZone: 'UTC',
};

describe('a chart', () => {
  test('has labels at the top, the middle and the bottom, and times below', () => {
    const values = Array.from({ length: 120 }, (_, minute) => (minute < 60 ? 25 : 75));
    expect(drawChart(values, OPTIONS)).toEqual([
      '100 % ┤',
      ' 50 % ┤                     ⢸⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿',
      '      ┤                     ⢸⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿',
      '  0 % ┤⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿',
      '      └───────────────────────────────────────────',
      '       08:00              09:00              10:00',
    ]);
  });

  test('the largest of many buckets is seen', () => {
    const values = new Array<number>(10_000).fill(1);
    values[5000] = 100;
    const [top = ''] = drawChart(values, OPTIONS);
    expect(top.replace('100 % ┤', '').trim()).toMatch(/^[⡇⢸]$/);
  });

  test('days have a date, short spans have seconds', () => {
    expect(drawChart([1, 2], { ...OPTIONS, step: 86_400_000 }).at(-1)).toContain('31 Jan, 08:00');
    expect(drawChart([1, 2], { ...OPTIONS, step: 1000 }).at(-1)).toContain('08:00:00');
  });

  test('colours are sequences around the same text', () => {
    const lines = drawChart([1, 2, 3], { ...OPTIONS, colours: '256' });

    expect(lines.map((line) => line.replace(/\x1b\[[\d;]*m/g, ''))).toEqual(drawChart([1, 2, 3], OPTIONS));
  });

  test('any values and sizes: no line is wider than asked, none is missing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noDefaultInfinity: true })),
        fc.integer({ min: 20, max: 200 }),
        fc.integer({ min: 4, max: 40 }),
        fc.constantFrom('percent', 'bytes', 'bytes/s', '', 'ms'),
        (values, width, height, unit) => {
          const lines = drawChart(values, { ...OPTIONS, width, height, unit });
          expect(lines).toHaveLength(height);
          expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
