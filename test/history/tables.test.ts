/** Samples as tables, in a real temporary database. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { SetSamples } from '../../src/history/reader.ts';
import { Tables, TooManySamplesError } from '../../src/history/tables.ts';

let tables: Tables;
beforeEach(() => {
  tables = new Tables(2 ** 24);
});
afterEach(() => {
  tables.close();
});

type Columns = SetSamples['samples']['columns'];

function hour(name: string, tags: Record<string, string>, columns: Columns, rows = 2): SetSamples {
  const times = BigInt64Array.from({ length: rows }, (_, row) => BigInt(row) * 1_500_000_000n);
  return { set: { host: '', name, tags }, tags, samples: { times, columns } };
}

const all = (sql: string) => tables.prepare(sql).all([]);

const VALUES: Columns = [
  { name: 'f', kind: 'float', values: Float64Array.of(1, 2.5) },
  { name: 'i', kind: 'integer', values: BigInt64Array.of(2n ** 63n - 1n, 0n), present: Uint8Array.of(1, 0) },
  { name: 'b', kind: 'boolean', values: Uint8Array.of(1, 0) },
  { name: 's', kind: 'text', values: ["it's", ''] },
];

test('each measurement has its time, tags and fields as columns, with exact values', () => {
  tables.fill([hour('my "m"', { path: '/' }, VALUES)]);
  expect(all('SELECT * FROM "my ""m"""')).toEqual([
    { time: '1970-01-01T00:00:00.000Z', path: '/', f: 1, i: 2n ** 63n - 1n, b: 1n, s: "it's" },
    { time: '1970-01-01T00:00:01.500Z', path: '/', f: 2.5, i: null, b: 0n, s: '' },
  ]);
  expect(all('SELECT typeof(f) AS f, typeof(i) AS i FROM "my ""m""" LIMIT 1')).toEqual([{ f: 'real', i: 'integer' }]);
});

test('names that SQLite cannot tell apart get a number', () => {
  const one: Columns = [{ name: 'V', kind: 'float', values: Float64Array.of(1, 2) }];
  tables.fill([hour('m', { v: 'tag', time: 'x', '': 'y' }, one), hour('M', {}, one), hour('sqlite_x', {}, one)]);
  expect(all('SELECT "v", "V_2", "time_2" FROM m LIMIT 1')).toEqual([{ v: 'tag', V_2: 1, time_2: 'x' }]);
  expect(all('SELECT count(*) AS n FROM M_2')).toEqual([{ n: 2n }]);
  expect(all('SELECT count(*) AS n FROM _sqlite_x')).toEqual([{ n: 2n }]);
});

test('a field that changes its type keeps its values in one column; columns may come later', () => {
  tables.create('none', ['tag'], [{ name: 'v', kind: 'integer' }]);
  const changed: Columns = [
    { name: 'v', kind: 'integer', values: BigInt64Array.of(7n, 0n), present: Uint8Array.of(1, 0) },
    { name: 'v', kind: 'text', values: ['', 'seven'], present: Uint8Array.of(0, 1) },
  ];
  tables.fill([hour('m', {}, changed), hour('m', { late: 'yes' }, VALUES.slice(0, 1))]);
  expect(all('SELECT v, late, f FROM m')).toEqual([
    { v: 7n, late: null, f: null },
    { v: 'seven', late: null, f: null },
    { v: null, late: 'yes', f: 1 },
    { v: null, late: 'yes', f: 2.5 },
  ]);
  expect(all('SELECT tag, v FROM none')).toEqual([]);
});

describe('bounds', () => {
  test('the size of the database', () => {
    const rows = 4000;
    const wide = () =>
      hour('m', {}, [{ name: 's', kind: 'text', values: new Array<string>(rows).fill('x'.repeat(200)) }], rows);
    expect(() => {
      for (let index = 0; index < 100; index += 1) tables.fill([wide()]);
    }).toThrow(TooManySamplesError);
  });

  test('the number of columns, and nothing is written once a statement runs', () => {
    const many = Array.from({ length: 2001 }, (_, n) => ({ name: `f${n}`, kind: 'float' as const }));
    expect(() => {
      tables.create('m', [], many);
    }).toThrow('"m" has more than 2000 tags and fields');
    tables.fill([hour('n', {}, VALUES.slice(0, 1))]);
    expect(() => all('DELETE FROM n RETURNING f')).toThrow(/readonly/);
  });
});
