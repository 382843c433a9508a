import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { flow } from '../../src/grafana/layout.ts';

const sizes = fc.array(fc.record({ width: fc.integer({ min: 1, max: 24 }), height: fc.integer({ min: 1, max: 20 }) }), {
  maxLength: 30,
});

test('panels never overlap, stay in the grid and start at or below the top', () => {
  fc.assert(
    fc.property(sizes, fc.nat(100), (all, top) => {
      const { places, bottom } = flow(all, (size) => size, top);
      const positions = places.map(({ gridPos }) => gridPos);
      expect(positions.map(({ w, h }) => ({ width: w, height: h }))).toEqual(all);
      const cells = new Set<string>();
      for (const { x, y, w, h } of positions) {
        expect(x + w).toBeLessThanOrEqual(24);
        expect(y).toBeGreaterThanOrEqual(top);
        expect(y + h).toBeLessThanOrEqual(bottom);
        for (let column = x; column < x + w; column += 1) {
          for (let line = y; line < y + h; line += 1) cells.add(`${column},${line}`);
        }
      }
      expect(cells.size).toBe(all.reduce((area, { width, height }) => area + width * height, 0));
    }),
    { numRuns: 50 },
  );
});

test('a new line starts below the highest panel of the full line', () => {
  const { places, bottom } = flow(
    [
      { width: 12, height: 8 },
      { width: 12, height: 4 },
      { width: 24, height: 2 },
    ],
    (size) => size,
    1,
  );
  expect(places.map(({ gridPos }) => gridPos)).toEqual([
    { x: 0, y: 1, w: 12, h: 8 },
    { x: 12, y: 1, w: 12, h: 4 },
    { x: 0, y: 9, w: 24, h: 2 },
  ]);
  expect(bottom).toBe(11);
});
