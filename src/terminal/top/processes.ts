/** The table of processes. */
import type { ProcessUse } from '../../host/processes/frame.ts';
import { FAINT, INK, QUIET } from '../draw/theme.ts';
import type { Area } from '../screen/canvas.ts';
import { selected, style } from '../screen/style.ts';

import type { Hit } from './hit.ts';
import { value, type Paint } from './paint.ts';
import type { Sort, TopState } from './state.ts';

interface Column {
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
  readonly sort?: Sort;
  /** The least width of the screen that shows it. */
  readonly from: number;
  readonly text: (process: ProcessUse) => string;
}

const rate = (of: number | undefined) => (of === undefined ? '' : value(of, 'bytes/s'));

const COLUMNS: readonly Column[] = [
  { title: 'PID', width: 7, align: 'right', from: 0, text: ({ pid }) => String(pid) },
  { title: 'NAME', width: 16, align: 'left', from: 0, text: ({ name }) => name },
  { title: 'USER', width: 10, align: 'left', from: 110, text: ({ user }) => user },
  { title: 'UNIT', width: 0, align: 'left', from: 70, text: ({ unit }) => unit },
  { title: 'CPU', width: 7, align: 'right', sort: 'cpu', from: 0, text: ({ cpu }) => value(cpu, 'percent') },
  { title: 'MEMORY', width: 9, align: 'right', sort: 'memory', from: 0, text: ({ memory }) => value(memory, 'bytes') },
  { title: 'READ', width: 11, align: 'right', sort: 'read', from: 56, text: ({ read }) => rate(read) },
  { title: 'WRITE', width: 11, align: 'right', sort: 'written', from: 56, text: ({ written }) => rate(written) },
];

const GAP = 1;
const SORTED = style('accent', { bold: true });

interface Place {
  readonly column: Column;
  readonly x: number;
  readonly width: number;
}

/** The column without a width takes what is left. */
function placesIn({ x, width }: Area): readonly Place[] {
  const shown = COLUMNS.filter(({ from }) => width >= from);
  const fixed = shown.reduce((sum, column) => sum + column.width + GAP, -GAP);
  const hasFlexible = shown.some((column) => column.width === 0);
  // Without a flexible column the name is as wide as the screen allows.
  const rest = Math.max(0, width - fixed);
  let at = x;
  return shown.map((column) => {
    const grows = hasFlexible ? column.width === 0 : column.title === 'NAME';
    const place = { column, x: at, width: column.width + (grows ? rest : 0) };
    at += place.width + GAP;
    return place;
  });
}

/** @returns what the mouse can click */
export function drawProcesses(paint: Paint, area: Area, state: TopState): readonly Hit[] {
  if (area.height < 2) return [];
  const processes = state.processes();
  const rows = area.height - 2;
  state.scrollTo(rows);
  paint.title(area, 'processes', summary(state, processes.length, rows));
  const places = placesIn(area);
  const head = places.map(({ column: { title, align, sort }, x, width }): Hit => {
    const isSorted = sort === state.sort;
    const arrow = isSorted ? (paint.theme.isUnicode ? '▼' : 'v') : '';
    paint[align](x, area.y + 1, width, title + arrow, isSorted ? SORTED : FAINT);
    return { area: { x, y: area.y + 1, width, height: 1 }, ...(sort === undefined ? {} : { sort }) };
  });
  const lines = processes.slice(state.scroll, state.scroll + rows).map((process, index): Hit => {
    const line = { x: area.x, y: area.y + 2 + index, width: area.width, height: 1 };
    const position = state.scroll + index;
    for (const { column, x, width } of places) {
      paint[column.align](x, line.y, width, column.text(process), styleOf(column, state.sort));
    }
    const { cursor } = state;
    if (cursor?.list === 'processes' && cursor.index === position) paint.canvas.restyle(line, selected);
    return { area: line, cursor: { list: 'processes', index: position } };
  });
  return [...head, ...lines];
}

function styleOf({ sort, title }: Column, by: Sort): number {
  if (title === 'NAME' || sort === by) return INK;
  return sort === undefined ? FAINT : QUIET;
}

function summary({ frame, filter, scroll }: TopState, matching: number, rows: number): string {
  if (frame === undefined) return 'with the next sample';
  const last = Math.min(matching, scroll + rows);
  const part = matching > rows ? `${scroll + 1}–${last} of ${matching}` : `the ${matching} busiest`;
  const all = filter === '' ? `${part}, ${frame.total} in all` : `${matching} match "${filter}"`;
  return all;
}
