/** CSV as in RFC 4180; lines may end with a newline only, and empty lines are skipped. */
import { toPoint, type JsonPoint, type JsonRules, type ParsedJson } from './json.ts';

export interface CsvRules extends JsonRules {
  /** One character. */
  readonly delimiter: string;
  /** Empty: the first row has the names. */
  readonly columns: readonly string[];
}

/** A few milliseconds of work. */
const ROWS_IN_STEP = 500;

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * A row gives one point, by the rules of JSON for an object of its cells: numbers become float fields, `true` and `false`
 * booleans, empty cells nothing. To be done in turns.
 *
 * @throws RangeError for more than `most` rows
 */
export function* parseCsv(text: string, rules: CsvRules, most: number): Generator<undefined, ParsedJson> {
  const metrics: JsonPoint[] = [];
  const errors: string[] = [];
  let columns = rules.columns.length === 0 ? undefined : rules.columns;
  let count = 0;
  for (const row of rowsOf(text.replace(/^\uFEFF/, ''), rules.delimiter)) {
    count += 1;
    if (count % ROWS_IN_STEP === 0) yield;
    if (columns === undefined) {
      columns = row;
      continue;
    }
    if (count > most + 1) throw new RangeError(`more than ${most} rows`);
    const point = pointOf(row, columns, rules);
    if (typeof point === 'string') errors.push(`row ${count}: ${point}`);
    else if (point !== undefined) metrics.push(point);
  }
  return { metrics, errors };
}

function pointOf(row: readonly string[], columns: readonly string[], rules: CsvRules) {
  if (row.length !== columns.length) return `${row.length} cells instead of ${columns.length}`;
  const cells = columns.map((column, index) => [column, valueOf(row[index] ?? '')] as const);
  return toPoint(Object.fromEntries(cells.filter(([column, value]) => column !== '' && value !== '')), rules);
}

function valueOf(cell: string): string | number | boolean {
  const text = cell.trim();
  if (NUMBER.test(text)) return Number(text);
  return text === 'true' ? true : text === 'false' ? false : cell;
}

/** Lazily: there may be a million rows. Quotes that are not closed end with the text. */
function* rowsOf(text: string, delimiter: string): Generator<string[]> {
  let row: string[] = [];
  for (let at = 0; at < text.length;) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at, delimiter);
    row.push(cell.value);
    at = cell.end;
    if (text[at] === delimiter) {
      at += 1;
      if (at < text.length) continue;
      row.push('');
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    if (row.length > 1 || row[0] !== '') yield row;
    row = [];
  }
}

interface Cell {
  readonly value: string;
  /** Position of the delimiter or of the end of the line. */
  readonly end: number;
}

function plainCell(text: string, start: number, delimiter: string): Cell {
  let end = start;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n') end += 1;
  if (text[end - 1] === '\r' && end > start && text[end] !== delimiter) end -= 1;
  return { value: text.slice(start, end), end };
}

function quotedCell(text: string, start: number): Cell {
  let quote = text.indexOf('"', start + 1);
  while (quote >= 0 && text[quote + 1] === '"') quote = text.indexOf('"', quote + 2);
  const close = quote < 0 ? text.length : quote;
  return { value: text.slice(start + 1, close).replaceAll('""', '"'), end: Math.min(close + 1, text.length) };
}
