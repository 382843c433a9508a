/** The screen of `healthd watch`. */
import { formatValue } from '../../plugin/index.ts';
import { bars } from '../draw/graph.ts';
import { ACCENT, FAINT, INK, QUIET, STRONG, type Theme } from '../draw/theme.ts';
import type { Canvas } from '../screen/canvas.ts';
import { style } from '../screen/style.ts';
import { padText } from '../screen/width.ts';

import type { SeriesTable, WatchedSeries } from './series-table.ts';

const SPARK = style('s1');
const VALUE_WIDTH = 13;
const GAP = 2;
const MOST_SPARK = 60;

export interface WatchState {
  readonly table: SeriesTable;
  readonly patterns: readonly string[];
  readonly origin: string;
  readonly interval: number;
  scroll: number;
  isPaused: boolean;
  trouble: string;
}

/** @returns rows of series that fit */
export function drawWatch(canvas: Canvas, state: WatchState, theme: Theme): number {
  const rows = state.table.rows();
  const shown = Math.max(0, canvas.height - 3);
  state.scroll = Math.max(0, Math.min(rows.length - shown, state.scroll));
  drawHead(canvas, state, rows.length);
  const columns = columnsOf(canvas.width);
  const head = (x: number, text: string) => canvas.text(x, 1, padText(text, VALUE_WIDTH, 'right'), FAINT);
  canvas.text(0, 1, 'SERIES', FAINT);
  head(columns.value, 'NOW');
  head(columns.min, 'MIN');
  head(columns.max, 'MAX');
  rows.slice(state.scroll, state.scroll + shown).forEach((row, index) => {
    drawRow(canvas, index + 2, row, theme);
  });
  if (rows.length === 0) canvas.text(0, 2, emptyText(state), QUIET);
  drawFoot(canvas, state);
  return shown;
}

/** Name, value and graph, minimum, maximum. */
function columnsOf(width: number) {
  const spark = Math.max(0, Math.min(MOST_SPARK, Math.floor((width - 3 * (VALUE_WIDTH + GAP)) / 3)));
  const max = width - VALUE_WIDTH;
  const min = max - VALUE_WIDTH - GAP;
  const value = min - spark - VALUE_WIDTH - 2 * GAP;
  return { name: Math.max(0, value - 1), value, graph: value + VALUE_WIDTH + GAP, spark, min, max };
}

function drawHead(canvas: Canvas, { patterns, origin, interval, isPaused }: WatchState, count: number): void {
  const x = canvas.text(0, 0, patterns.join(' '), STRONG, Math.floor(canvas.width / 2)) + 2;
  const facts = [`${count} series`, origin, `every ${formatValue(interval, 'ms')}`, ...(isPaused ? ['paused'] : [])];
  canvas.text(x, 0, facts.join('  '), QUIET);
}

function drawRow(canvas: Canvas, y: number, { name, unit, values, last, min, max }: WatchedSeries, theme: Theme): void {
  const columns = columnsOf(canvas.width);
  const value = (x: number, of: number, as: number) => {
    canvas.text(x, y, padText(textOf(of, unit), VALUE_WIDTH, 'right'), as);
  };
  canvas.text(0, y, name, INK, columns.name);
  value(columns.value, last, STRONG);
  const shown = values.slice(-columns.spark);
  // From the least to the most that was seen: small changes of large values are what is watched for.
  const line = bars(shown, { low: min === max ? Math.min(0, min) : min, high: max }, theme.isUnicode);
  canvas.text(columns.graph, y, padText(line, columns.spark, 'right'), SPARK, columns.spark);
  value(columns.min, min, FAINT);
  value(columns.max, max, FAINT);
}

export function textOf(value: number, unit: string): string {
  return Number.isNaN(value) ? '–' : formatValue(value, unit);
}

export function emptyText({ table, patterns }: Pick<WatchState, 'table' | 'patterns'>): string {
  const known = table.measurements();
  if (known.length === 0) return 'Collecting.';
  return `No series matches ${patterns.join(' ')}; there are: ${known.map((name) => `${name}.*`).join(', ')}`;
}

function drawFoot(canvas: Canvas, { trouble }: WatchState): void {
  const y = canvas.height - 1;
  if (trouble !== '') {
    canvas.text(0, y, trouble, style('warn'));
    return;
  }
  let x = 0;
  for (const [key, does] of [
    ['q', 'quit'],
    ['p', 'pause'],
    ['arrows', 'scroll'],
  ] as const) {
    x += canvas.text(x, y, key, ACCENT);
    x += canvas.text(x + 1, y, does, FAINT) + 3;
  }
}
