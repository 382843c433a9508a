/** The CPU: a graph of the last minutes, and each core. */
import { areaGraph, bars } from '../../draw/graph.ts';
import { FAINT, INK } from '../../draw/theme.ts';
import type { Area } from '../../screen/canvas.ts';
import { style } from '../../screen/style.ts';
import { judge } from '../../source/judge.ts';
import type { CpuUse } from '../../source/view.ts';
import { judgedStyle, percent, value, type Paint } from '../paint.ts';

import type { Box } from './box.ts';

const GRAPH = style('s1');
/** `1 cpu`. */
const TITLE_WIDTH = 5;

const PERCENT = { low: 0, high: 100 };

/** `12 ██████── 34 %` and the space to the next. */
const CORE_WIDTH = 19;
const NUMBER_WIDTH = 4;
const VALUE_WIDTH = 5;
/** More cores have a character each. */
const MOST_CORE_ROWS = 8;

function coreRows(cores: number, width: number): number {
  return Math.ceil(cores / Math.max(1, Math.floor(width / CORE_WIDTH)));
}

export const cpuBox: Box = {
  digit: '1',
  rows: ({ view }, width, graph) =>
    view === undefined ? 0 : 1 + graph + Math.min(MOST_CORE_ROWS, coreRows(view.cores.length, width)),
  draw(paint, area, { view, trail }) {
    const cpu = view?.cpu;
    const cores = view?.cores ?? [];
    paint.title(area, 'cpu', cpu === undefined ? 'with the next sample' : summary(cpu, area.width), '1');
    if (cpu !== undefined) {
      const text = ` ${percent(cpu.busy)} `;
      paint.left(area.x + TITLE_WIDTH, area.y, text.length, text, judgedStyle(judge('cpu', cpu.busy)));
    }
    const rows = area.height - 1;
    const asMeters = coreRows(cores.length, area.width);
    const hasMeters = asMeters <= Math.min(MOST_CORE_ROWS, Math.max(1, rows - 2));
    const needed = hasMeters ? asMeters : Math.ceil(cores.length / area.width);
    const graphRows = Math.max(0, rows - needed);
    const history = trail.map((each) => each.cpu?.busy ?? Number.NaN);
    const { isUnicode } = paint.theme;
    const graph = areaGraph(history, { width: area.width, height: graphRows }, PERCENT, isUnicode);
    graph.forEach((line, row) => {
      paint.left(area.x, area.y + 1 + row, area.width, line, GRAPH);
    });
    const below = { ...area, y: area.y + 1 + graphRows, height: rows - graphRows };
    if (hasMeters) drawMeters(paint, below, cores);
    else drawBars(paint, below, cores);
  },
};

/** What the width has room for, the most telling first. */
function summary({ user, system, iowait, steal }: CpuUse, width: number): string {
  const parts = [`user ${percent(user)}`, `system ${percent(system)}`, `disk wait ${percent(iowait)}`];
  if (steal >= 0.5) parts.push(`steal ${value(steal, 'percent')}`);
  const most = Math.max(1, Math.floor((width - 14) / 15));
  return parts.slice(0, most).join('  ');
}

function drawMeters(paint: Paint, { x, y, width, height }: Area, cores: readonly number[]): void {
  const columns = Math.max(1, Math.min(cores.length, Math.floor(width / CORE_WIDTH)));
  const cell = Math.floor(width / columns);
  cores.slice(0, columns * height).forEach((busy, index) => {
    const [left, row] = [x + (index % columns) * cell, y + Math.floor(index / columns)];
    const isLast = index % columns === columns - 1;
    const end = isLast ? x + width : left + cell - 2;
    paint.right(left, row, NUMBER_WIDTH - 1, String(index), FAINT);
    paint.meter(left + NUMBER_WIDTH, row, end - left - NUMBER_WIDTH - VALUE_WIDTH - 1, busy / 100);
    paint.right(end - VALUE_WIDTH, row, VALUE_WIDTH, percent(busy), INK);
  });
}

function drawBars(paint: Paint, { x, y, width, height }: Area, cores: readonly number[]): void {
  for (let row = 0; row < height; row += 1) {
    const line = bars(cores.slice(row * width, (row + 1) * width), PERCENT, paint.theme.isUnicode);
    paint.left(x, y + row, width, line, GRAPH);
  }
}
