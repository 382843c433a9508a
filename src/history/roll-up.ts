/**
 * Roll-ups: for each minute, or quarter of an hour, at its start, the minimum, maximum, sum, count and last value of each field. Booleans
 * are 0 and 1; texts have none. Of a field whose type has changed, all values count.
 */
import { toDoubles } from './codec/int64.ts';
import type { Column, FloatColumn, Samples } from './samples.ts';
import { MINUTE_MS, QUARTER_MS, startOf, toMs, toNs } from './spans.ts';
import { summarize, type Summary } from './summary.ts';

export const STATISTICS = ['min', 'max', 'sum', 'count', 'last'] as const;

export type Statistic = (typeof STATISTICS)[number];

/** The name of a column of roll-ups. */
export function statisticOf(field: string, statistic: Statistic): string {
  return `${statistic}:${field}`;
}

/** The field that a column of roll-ups is of. */
export function fieldOf(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** The rows of one minute, or of one quarter. */
interface Run {
  readonly start: number;
  readonly end: number;
}

export function rollUp({ times, columns }: Samples): Samples {
  const { starts, runs } = runsOf(times, MINUTE_MS);
  const fields = new Set(columns.map(({ name }) => name));
  return { times: starts, columns: [...fields].flatMap((field) => rollUpField(field, columns, runs)) };
}

/** Roll-ups of minutes as roll-ups of quarters of an hour. */
export function rollUpMinutes({ times, columns }: Samples): Samples {
  const { starts, runs } = runsOf(times, QUARTER_MS);
  return {
    times: starts,
    columns: columns.flatMap((column) => (column.kind === 'float' ? [rollUpStatistic(column, runs)] : [])),
  };
}

const JOIN: Readonly<Record<Statistic, keyof Summary>> = {
  min: 'min',
  max: 'max',
  sum: 'sum',
  count: 'sum',
  last: 'last',
};

function rollUpStatistic(column: FloatColumn, runs: readonly Run[]): FloatColumn {
  const statistic = STATISTICS.find((each) => column.name === statisticOf(fieldOf(column.name), each)) ?? 'last';
  const present = new Uint8Array(runs.length);
  const values = new Float64Array(runs.length);
  for (const [index, { start, end }] of runs.entries()) {
    const dense = presentIn([column], start, end);
    if (dense.length === 0) continue;
    present[index] = 1;
    values[index] = Number(summarize(dense)[JOIN[statistic]]);
  }
  return { name: column.name, kind: 'float', values, present: present.includes(0) ? present : undefined };
}

function runsOf(
  times: BigInt64Array,
  length: number,
): { readonly starts: BigInt64Array; readonly runs: readonly Run[] } {
  const runs: Run[] = [];
  const starts: number[] = [];
  for (let row = 0; row < times.length;) {
    const from = startOf(toMs(times[row] ?? 0n), length);
    const until = toNs(from + length);
    const start = row;
    while (row < times.length && (times[row] ?? 0n) < until) row += 1;
    runs.push({ start, end: row });
    starts.push(from);
  }
  return { starts: BigInt64Array.from(starts, toNs), runs };
}

function rollUpField(field: string, columns: readonly Column[], runs: readonly Run[]): readonly FloatColumn[] {
  const numbers = columns.flatMap((column) =>
    column.name !== field || column.kind === 'text' ? [] : [numbersOf(column)],
  );
  if (numbers.length === 0) return [];
  const present = new Uint8Array(runs.length);
  const values = STATISTICS.map(() => new Float64Array(runs.length));
  for (const [index, { start, end }] of runs.entries()) {
    const dense = presentIn(numbers, start, end);
    if (dense.length === 0) continue;
    const summary = summarize(dense);
    present[index] = 1;
    for (const [each, statistic] of STATISTICS.entries()) (values[each] as Float64Array)[index] = summary[statistic];
  }
  const isFull = !present.includes(0);
  return STATISTICS.map((statistic, each) => ({
    name: statisticOf(field, statistic),
    kind: 'float',
    values: values[each] ?? new Float64Array(),
    present: isFull ? undefined : present,
  }));
}

interface Numbers {
  readonly values: Float64Array;
  readonly present?: Uint8Array | undefined;
}

/** As doubles: a roll-up is rounded beyond 2^53. */
export function numbersOf(column: Exclude<Column, { kind: 'text' }>): Numbers {
  const { kind, values, present } = column;
  if (kind === 'float') return { values, present };
  return { values: kind === 'integer' ? toDoubles(values) : Float64Array.from(values), present };
}

/** In the order of rows: at a time only one column of a field has a value. */
function presentIn(columns: readonly Numbers[], start: number, end: number): Float64Array {
  const [first] = columns;
  if (columns.length === 1 && first !== undefined && first.present === undefined)
    return first.values.subarray(start, end);
  const dense: number[] = [];
  for (let row = start; row < end; row += 1) {
    const column = columns.find(({ present }) => present?.[row] !== 0);
    if (column !== undefined) dense.push(column.values[row] ?? 0);
  }
  return Float64Array.from(dense);
}
