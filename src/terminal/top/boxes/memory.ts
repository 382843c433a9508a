/** Memory, swap, and how long tasks waited for CPU, memory and disks. */
import { areaGraph } from '../../draw/graph.ts';
import { FAINT, QUIET } from '../../draw/theme.ts';
import { style } from '../../screen/style.ts';
import { judge } from '../../source/judge.ts';
import type { HostView } from '../../source/view.ts';
import { judgedStyle, percent, value } from '../paint.ts';

import type { Box } from './box.ts';

const GRAPH = style('s1');
const LABEL_WIDTH = 9;
const VALUE_WIDTH = 10;
const PERCENT_WIDTH = 6;

interface Row {
  readonly label: string;
  readonly bytes: number;
  readonly of: number;
  readonly isJudged: boolean;
}

function rowsOf({ memory, swap }: HostView): readonly Row[] {
  const rows: Row[] = [];
  if (memory !== undefined) {
    rows.push({ label: 'used', bytes: memory.used, of: memory.total, isJudged: true });
    rows.push({ label: 'cache', bytes: memory.cached, of: memory.total, isJudged: false });
  }
  if (swap !== undefined && swap.total > 0)
    rows.push({ label: 'swap', bytes: swap.used, of: swap.total, isJudged: false });
  return rows;
}

export const memoryBox: Box = {
  digit: '2',
  rows: ({ view }, _width, graph) => {
    const rows = view === undefined ? 0 : rowsOf(view).length;
    return rows === 0 ? 0 : 1 + rows + (view?.pressure === undefined ? 0 : 1) + graph - 1;
  },
  draw(paint, { x, y, width, height }, { view, trail }) {
    if (view === undefined) return;
    const total = view.memory?.total ?? Number.NaN;
    paint.title({ x, y, width, height }, 'memory', value(total, 'bytes'), '2');
    const pressure = pressureText(view);
    const rows = rowsOf(view).slice(0, height - 1);
    rows.forEach(({ label, bytes, of, isJudged }, index) => {
      const row = y + 1 + index;
      const share = bytes / of;
      const judged = isJudged ? judge('memory', share * 100) : 'fine';
      paint.left(x, row, LABEL_WIDTH, label, QUIET);
      const end = x + width - VALUE_WIDTH - PERCENT_WIDTH;
      paint.meter(x + LABEL_WIDTH, row, end - x - LABEL_WIDTH, share, judged);
      paint.right(end, row, PERCENT_WIDTH, percent(share * 100), judgedStyle(judged));
      paint.right(end + PERCENT_WIDTH, row, VALUE_WIDTH, value(bytes, 'bytes'), FAINT);
    });
    const left = height - 1 - rows.length;
    const hasPressure = pressure !== '' && left > 0;
    const graphRows = left - (hasPressure ? 1 : 0);
    const used = trail.map(({ memory }) => (memory === undefined ? Number.NaN : memory.used / memory.total));
    const graph = areaGraph(used, { width, height: graphRows }, { low: 0, high: 1 }, paint.theme.isUnicode);
    graph.forEach((line, row) => {
      paint.left(x, y + 1 + rows.length + row, width, line, GRAPH);
    });
    if (hasPressure) paint.left(x, y + height - 1, width, pressure, FAINT);
  },
};

/** `waiting for  cpu 0.1 %  memory 0 %  disk 3.2 %`. */
function pressureText({ pressure }: HostView): string {
  if (pressure === undefined) return '';
  const { cpu, memory, io } = pressure;
  const parts = [
    ['cpu', cpu],
    ['memory', memory],
    ['disk', io],
  ] as const;
  return `waited for ${parts.map(([name, share]) => `${name} ${value(share, 'percent')}`).join(', ')}`;
}
