import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { areaGraph, bars, meter, niceMaximum } from '../../../src/terminal/draw/graph.ts';
import { textWidth } from '../../../src/terminal/screen/width.ts';

const PERCENT = { low: 0, high: 100 };
const numbers = fc.array(fc.oneof(fc.double({ noNaN: false }), fc.integer({ min: -10, max: 200 })));

describe('graphs', () => {
  test('braille: two values in a cell, four steps in a row, the newest at the right', () => {
    expect(areaGraph([25, 50, 75, 100], { width: 3, height: 1 }, PERCENT, true)).toEqual([' ⣠⣾']);
    expect(areaGraph([50, 100], { width: 1, height: 2 }, PERCENT, true)).toEqual(['⢸', '⣿']);
  });

  test('what is not zero is seen, zero and a gap are not', () => {
    expect(areaGraph([0.1, 0], { width: 1, height: 1 }, PERCENT, true)).toEqual(['⡀']);
    expect(areaGraph([Number.NaN, 0], { width: 1, height: 1 }, PERCENT, true)).toEqual([' ']);
  });

  test('without Unicode', () => {
    expect(areaGraph([0, 34, 67, 100], { width: 4, height: 1 }, PERCENT, false)).toEqual([' .:|']);
    expect(bars([0, 50, 100], PERCENT, false)).toBe('_:#');
    expect(meter(0.5, 4, false)).toEqual(['##', '--']);
  });

  test('a meter is filled in eighths of a cell', () => {
    expect(meter(0.5, 4, true)).toEqual(['██', '──']);
    expect(meter(1 / 32, 4, true)).toEqual(['▏', '───']);
    expect(meter(7, 4, true)).toEqual(['████', '']);
    expect(meter(Number.NaN, 2, true)).toEqual(['', '──']);
  });

  test('any numbers: as many rows and columns as asked', () => {
    fc.assert(
      fc.property(numbers, fc.nat(30), fc.nat(8), fc.boolean(), (values, width, height, isUnicode) => {
        const rows = areaGraph(values, { width, height }, PERCENT, isUnicode);
        expect(rows.map(textWidth)).toEqual(new Array<number>(height).fill(width));
        expect(textWidth(bars(values, PERCENT, isUnicode))).toBe(values.length);
        expect(textWidth(meter(values[0] ?? 0, width, isUnicode).join(''))).toBe(width);
      }),
    );
  });

  test.each([
    [0, '', 1],
    [0.3, '', 0.3],
    [7, '', 8],
    [101, '', 150],
    [1000, 'bytes', 1000],
    [1023, 'bytes', 1024],
    [1025, 'bytes/s', 1536],
    [900 * 1024, 'bytes', 1000 * 1024],
    [3.3 * 2 ** 20, 'bytes', 4 * 2 ** 20],
  ])('an axis for %d %s ends at %d', (value, unit, expected) => {
    expect(niceMaximum(value, unit)).toBeCloseTo(expected);
  });
});
