import { describe, expect, test } from '@jest/globals';

import { formatRows, MOST_TABLE_ROWS, type Cell, type RowFormat } from '../../../src/commands/history/rows.ts';
import { hasSecondStatement, mayMean } from '../../../src/commands/history/statement.ts';

describe('a statement', () => {
  test.each([
    ['select 1', false],
    ['select 1;', false],
    ['select 1; ; -- the end', false],
    ['select \';\', ";", `;`, [;] /* ; */ from t -- ; drop', false],
    ["select 'it''s; one'", false],
    ['select 1; select 2', true],
    ['select 1;/* x */delete from t', true],
    ["select '--'; drop table t", true],
  ])('%s: more than one is %s', (text, isSo) => {
    expect(hasSecondStatement(text)).toBe(isSo);
  });

  test('may mean a table that it names, in any case and quotes', () => {
    const may = (text: string, table: string) => mayMean(text, table);
    expect(may('select * from CPU', 'cpu')).toBe(true);
    expect(may('select * from "a""b"', 'a"b')).toBe(true);
    expect(may('select * from `a``b`', 'a`b')).toBe(true);
    expect(may('select * from mem', 'cpu')).toBe(false);
  });
});

describe('rows', () => {
  const rows: Cell[][] = [
    ['a"b,c', 1n, 0.5, null],
    ['=x\u001b[1m', 9223372036854775807n, Infinity, Buffer.from([1, 255])],
  ];
  const text = (format: RowFormat, some: Iterable<readonly Cell[]> = rows, onCut: () => void = () => undefined) =>
    Buffer.concat([...formatRows({ names: ['s', 'i', 'f', 'n'], rows: some }, format, onCut)]).toString();

  test('as a table: numbers at the right, nothing that moves a cursor', () => {
    expect(text('table')).toBe(
      [
        's                            i         f     n',
        'a"b,c                        1       0.5',
        '=x\\x1b[1m  9223372036854775807  Infinity  01ff\n',
      ].join('\n'),
    );
    expect(text('table', [])).toBe('s  i  f  n\n');
  });

  test('as CSV: quoted, no formulas', () => {
    expect(text('csv')).toBe(`s,i,f,n\n"a""b,c",1,0.5,\n'=x\\x1b[1m,9223372036854775807,Infinity,01ff\n`);
  });

  test('as JSON: integers have all digits', () => {
    const lines = text('json').split('\n');
    expect(lines[1]).toBe('  {"s":"a\\"b,c","i":1,"f":0.5,"n":null},');
    expect(lines[2]).toContain('"i":9223372036854775807,"f":null,"n":"01ff"');
    expect(JSON.parse(text('json'))).toHaveLength(2);
    expect(JSON.parse(text('json', []))).toEqual([]);
  });

  test('of a table are bounded, others not', () => {
    const many = Array.from({ length: MOST_TABLE_ROWS + 5 }, (_, n): Cell[] => [n, null, null, null]);
    let cuts = 0;
    expect(text('table', many, () => (cuts += 1)).split('\n')).toHaveLength(MOST_TABLE_ROWS + 2);
    expect(cuts).toBe(1);
    expect(text('csv', many).split('\n')).toHaveLength(many.length + 2);
  });
});
