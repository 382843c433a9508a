import { expect, test } from '@jest/globals';

import { HeadSet } from '../../src/history/head-set.ts';
import type { FieldValue } from '../../src/metric/metric.ts';

function add(set: HeadSet, second: number, fields: Readonly<Record<string, FieldValue>>): number {
  return set.add({ name: 'm', tags: {}, fields, time: BigInt(second) * 1_000_000_000n });
}

test('keeps what was there when rows and columns are added', () => {
  const set = new HeadSet();
  const ROWS = 100;
  for (let row = 0; row < ROWS; row += 1) {
    const isLate = row >= 50;
    const text = row % 3 === 0 ? { text: `t${row}` } : {};
    add(set, row, { a: row / 2, ...text, b: isLate ? row : BigInt(row), ...(isLate ? { late: row % 2 === 0 } : {}) });
  }
  const { times, columns } = set.samples();
  expect([times.length, times.at(-1)]).toEqual([ROWS, 99_000_000_000n]);
  const valuesOf = (name: string, kind: string) => {
    const column = columns.find((each) => each.name === name && each.kind === kind)!;
    return Array.from(column.values as Iterable<FieldValue>).filter((_, row) => column.present?.[row] !== 0);
  };
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  expect(valuesOf('a', 'float')).toEqual(rows.map((row) => row / 2));
  expect(valuesOf('b', 'integer')).toEqual(rows.slice(0, 50).map(BigInt));
  expect(valuesOf('b', 'float')).toEqual(rows.slice(50));
  expect(valuesOf('late', 'boolean')).toEqual(rows.slice(50).map((row) => 1 - (row % 2)));
  expect(valuesOf('text', 'text')).toEqual(rows.filter((row) => row % 3 === 0).map((row) => `t${row}`));
  // The samples are a copy.
  add(set, ROWS, { a: 1 });
  expect(set.samples().times).toHaveLength(ROWS + 1);
  expect(times).toHaveLength(ROWS);
});

test('5000 sets of ten fields stay within 20 MB for sixteen samples each, and more are counted', () => {
  const fields = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`f${index}`, index + 0.5]));
  const set = new HeadSet();
  for (let second = 0; second < 16; second += 1) add(set, second, fields);
  expect(5000 * set.bytes).toBeLessThan(20e6);
  for (let second = 16; second < 1000; second += 1) add(set, second, fields);
  expect(set.bytes).toBeGreaterThan(1000 * 11 * 8);
});
