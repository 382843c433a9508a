/** Rows of an answer as text. */
import { csvCell } from '../../metric/formats.ts';

import { columns } from '../columns.ts';

export const ROW_FORMATS = ['table', 'csv', 'json'] as const;

export type RowFormat = (typeof ROW_FORMATS)[number];

/** As SQLite gives it. */
export type Cell = string | number | bigint | null | ArrayBuffer | Uint8Array;

/** Rows that a table on the screen may have: all of them have to be known before the first is printed. */
export const MOST_TABLE_ROWS = 10_000;

const CHUNK_ROWS = 500;

export interface Answer {
  readonly names: readonly string[];
  readonly rows: Iterable<readonly Cell[]>;
}

/** @param onCut called when a table ends before the rows do */
export function* formatRows(answer: Answer, format: RowFormat, onCut: () => void): Generator<Uint8Array, void> {
  if (format === 'table') yield Buffer.from(tableText(answer, onCut));
  else if (format === 'csv') yield* joined(csvLines(answer));
  else yield* joined(jsonLines(answer));
}

function tableText({ names, rows }: Answer, onCut: () => void): string {
  const shown: (readonly string[])[] = [];
  const isNumber = names.map(() => true);
  for (const row of rows) {
    if (shown.length === MOST_TABLE_ROWS) {
      onCut();
      break;
    }
    for (const [index, cell] of row.entries()) if (typeof cell === 'string') isNumber[index] = false;
    shown.push(row.map(textOf));
  }
  const align = isNumber.map((each) => (each && shown.length > 0 ? 'right' : 'left'));
  return columns([names, ...shown], align)
    .map((line) => `${line}\n`)
    .join('');
}

function* csvLines({ names, rows }: Answer): Generator<string> {
  yield `${names.map(csvCell).join(',')}\n`;
  for (const row of rows)
    yield `${row.map((cell) => (isNumeric(cell) ? String(cell) : csvCell(textOf(cell)))).join(',')}\n`;
}

/** An array of objects, one a line. */
function* jsonLines({ names, rows }: Answer): Generator<string> {
  const keys = names.map((name) => JSON.stringify(name));
  let before = '[';
  for (const row of rows) {
    yield `${before}\n  {${row.map((cell, index) => `${keys[index] ?? ''}:${jsonOf(cell)}`).join(',')}}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

function* joined(lines: Iterable<string>): Generator<Uint8Array, void> {
  let some: string[] = [];
  for (const line of lines) {
    some.push(line);
    if (some.length < CHUNK_ROWS) continue;
    yield Buffer.from(some.join(''));
    some = [];
  }
  if (some.length > 0) yield Buffer.from(some.join(''));
}

function isNumeric(cell: Cell): cell is number | bigint {
  return typeof cell === 'number' || typeof cell === 'bigint';
}

function textOf(cell: Cell): string {
  if (cell === null) return '';
  if (cell instanceof ArrayBuffer || cell instanceof Uint8Array)
    return Buffer.from(new Uint8Array(cell)).toString('hex');
  return String(cell);
}

/** JSON has no infinity. Integers have all their digits. */
function jsonOf(cell: Cell): string {
  if (cell === null || (typeof cell === 'number' && !Number.isFinite(cell))) return 'null';
  return isNumeric(cell) ? String(cell) : JSON.stringify(textOf(cell));
}
