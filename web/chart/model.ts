/** What a chart shows, and the points that it draws. */
import type { HistoryColumns } from '../store/history.ts';
import { evaluate, type Columns, type Formula } from '../store/formula.ts';
import type { Span } from '../url/time.ts';

/** Series colours by meaning: 1 blue, 2 mint, 3 orchid, 4 pale, 5 grey. */
export type SeriesColor = 1 | 2 | 3 | 4 | 5;

export interface ChartLine {
  readonly label: string;
  /** For narrow legends. */
  readonly short?: string;
  readonly color: SeriesColor;
  readonly formula: Formula;
  /** `stack`: on top of the lines before it. `mirror`: below zero, such as what is received. */
  readonly style: 'line' | 'area' | 'stack' | 'mirror';
}

/** `nice`: from 0 to the next round number, at least `least`. */
export type ScaleRule =
  | { readonly kind: 'fixed'; readonly min: number; readonly max: number }
  | { readonly kind: 'nice'; readonly least: number; readonly most?: number };

export interface Threshold {
  readonly value: number;
  readonly level: 'warning' | 'critical';
  readonly label: string;
}

export interface ChartSpec {
  /** Stable, for keys and links. */
  readonly id: string;
  readonly title: string;
  /** Of the values, as in the catalog: `percent`, `bytes/s`. */
  readonly unit: string;
  /** From the ground up. At most 5. */
  readonly lines: readonly ChartLine[];
  /** Series that have no line of their own. */
  readonly more?: number;
  readonly scale: ScaleRule;
  readonly thresholds?: readonly Threshold[];
  /** The series of the usual band; `from` subtracts it, such as idle time from 100. No band in sums of several series. */
  readonly usual?: { readonly name: string; readonly from?: number };
}

export interface Points {
  /** Seconds since the Unix epoch, ascending. */
  readonly times: readonly number[];
  /** By line. `null`: a gap. */
  readonly values: readonly (readonly (number | null)[])[];
  /** By line: the least and greatest of each bucket; empty if it is not known or no line. */
  readonly low: readonly (readonly (number | null)[])[];
  readonly high: readonly (readonly (number | null)[])[];
  /** Seconds. */
  readonly gaps: readonly Span[];
}

export const NO_POINTS: Points = { times: [], values: [], low: [], high: [], gaps: [] };

/** No point for so many intervals is a gap. */
const GAP_INTERVALS = 3.5;

interface Row {
  readonly time: number;
  readonly values: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/**
 * Joins the history and the stream. The stream is finer, so it replaces the history where it has points; where it was
 * interrupted, as by a restart of the agent, the history stands.
 *
 * @param interval between samples of the history, ms
 */
export function joinPoints(
  lines: readonly ChartLine[],
  history: HistoryColumns | undefined,
  live: Columns | undefined,
  { from, to }: Span,
  interval: number,
): Points {
  const formulas = lines.map(({ formula }) => formula);
  const liveRows = live === undefined ? [] : rowsOf(formulas, live, undefined);
  const liveStep = medianStep(liveRows);
  const isMissing = missing(liveRows, GAP_INTERVALS * liveStep);
  const oldRows = (history === undefined ? [] : rowsOf(formulas, history, history)).filter(({ time }) =>
    isMissing(time),
  );
  const rows = [...oldRows, ...liveRows].sort((a, b) => a.time - b.time);
  const step = Math.max(history?.step ?? 0, interval) / 1000;
  const wanted = clip(rows, from / 1000, to / 1000);
  const isLive = new Set(liveRows);
  return withGaps(wanted, lines.length, (row) => (isLive.has(row) ? liveStep : step));
}

/** @returns whether a time lies before the rows, or in a hole between two of them that is longer than `most` seconds */
function missing(rows: readonly Row[], most: number): (time: number) => boolean {
  const holes: Span[] = [{ from: -Infinity, to: rows[0]?.time ?? Infinity }];
  for (const [index, { time }] of rows.entries()) {
    const before = rows[index - 1]?.time ?? time;
    if (time - before > most) holes.push({ from: before, to: time });
  }
  return (time) => holes.some(({ from, to }) => time > from && time < to);
}

function rowsOf(formulas: readonly Formula[], columns: Columns, history: HistoryColumns | undefined): readonly Row[] {
  const values = formulas.map((formula) => evaluate(formula, columns));
  const extremes = formulas.map((formula) => extremesOf(formula, history));
  const rows: Row[] = [];
  columns.times.forEach((time, index) => {
    const row = values.map((column) => column[index] ?? NaN);
    if (row.every((value) => Number.isNaN(value))) return;
    rows.push({
      time,
      values: row,
      low: extremes.map((column, line) => column?.min[index] ?? row[line] ?? NaN),
      high: extremes.map((column, line) => column?.max[index] ?? row[line] ?? NaN),
    });
  });
  return rows;
}

/** Only of a single series: the least of a sum is not the sum of the least. */
function extremesOf(formula: Formula, history: HistoryColumns | undefined): ReturnType<HistoryColumns['extremes']> {
  const [term, ...others] = formula.terms;
  if (term === undefined || others.length > 0 || formula.isRate) return undefined;
  if (formula.over !== undefined || formula.from !== undefined) return undefined;
  return history?.extremes(term.name);
}

/** With one point beyond each edge, so that lines reach it. */
function clip(rows: readonly Row[], from: number, to: number): readonly Row[] {
  const first = rows.findIndex(({ time }) => time >= from);
  const last = rows.findLastIndex(({ time }) => time <= to);
  return first === -1 ? [] : rows.slice(Math.max(0, first - 1), last + 2);
}

function medianStep(rows: readonly Row[]): number {
  const steps = rows.slice(1).map(({ time }, index) => time - (rows[index]?.time ?? time));
  steps.sort((a, b) => a - b);
  return Math.max(1, steps[Math.floor(steps.length / 2)] ?? 1);
}

function withGaps(rows: readonly Row[], lines: number, stepOf: (row: Row) => number): Points {
  const times: number[] = [];
  const lists = () => Array.from({ length: lines }, (): (number | null)[] => []);
  const [values, low, high, gaps] = [lists(), lists(), lists(), [] as Span[]];
  const add = (time: number, row: Row | undefined) => {
    times.push(time);
    for (let line = 0; line < lines; line += 1) {
      values[line]?.push(known(row?.values[line]));
      low[line]?.push(known(row?.low[line]));
      high[line]?.push(known(row?.high[line]));
    }
  };
  rows.forEach((row, index) => {
    const before = rows[index - 1];
    if (before !== undefined && row.time - before.time > GAP_INTERVALS * Math.max(stepOf(before), stepOf(row))) {
      gaps.push({ from: before.time, to: row.time });
      add((before.time + row.time) / 2, undefined);
    }
    add(row.time, row);
  });
  return { times, values, low, high, gaps };
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** Index of the point nearest to a time, if it is near. @param at seconds since the Unix epoch */
export function nearest({ times }: Points, at: number, within: number): number | undefined {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const candidates = [low - 1, low].filter((index) => Math.abs((times[index] ?? Infinity) - at) <= within);
  candidates.sort((a, b) => Math.abs((times[a] ?? 0) - at) - Math.abs((times[b] ?? 0) - at));
  return candidates[0];
}

/** The newest value of a line; NaN if it is older than a limit. */
export function lastValue(points: Points, line: number, since: number): number {
  const values = points.values[line] ?? [];
  for (let index = values.length - 1; index >= 0 && (points.times[index] ?? 0) >= since; index -= 1) {
    const value = values[index];
    if (value !== null && value !== undefined) return value;
  }
  return NaN;
}
