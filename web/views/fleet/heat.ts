/** Where the cells of the heat map are, and their colours. Pure. */
import type { HostGroup } from './groups.ts';
import { isHeard, type HostRow } from './trouble.ts';

export const COLORS = ['cpu', 'memory', 'disk', 'load', 'state'] as const;
export type HeatColor = (typeof COLORS)[number];

export interface CellSize {
  readonly width: number;
  readonly height: number;
  /** From cell to cell. */
  readonly pitch: number;
  readonly rowPitch: number;
  readonly hasNumber: boolean;
}

export interface Cell {
  readonly row: HostRow;
  readonly x: number;
  readonly y: number;
}

export interface Label {
  readonly value: string;
  readonly count: number;
  readonly y: number;
}

export interface HeatLayout {
  readonly size: CellSize;
  readonly cells: readonly Cell[];
  readonly labels: readonly Label[];
  readonly columns: number;
  readonly height: number;
}

const FEW = 150;
const GROUP_GAP = 5;
/** Levels of colour, `--h0` to `--h5`. */
const LEVELS = 6;
/** What has no figure to show but is there: of the second level, in percent. */
const FINE = 20;

export function cellSize(hosts: number, isPhone: boolean): CellSize {
  if (hosts > FEW) return { width: 10, height: 10, pitch: 12, rowPitch: 12, hasNumber: false };
  return isPhone
    ? { width: 13, height: 24, pitch: 16, rowPitch: 28, hasNumber: false }
    : { width: 24, height: 24, pitch: 28, rowPitch: 28, hasNumber: true };
}

/** @param labelWidth room for the names of groups; 0 for none */
export function heatLayout(
  groups: readonly HostGroup<HostRow>[],
  size: CellSize,
  { width, labelWidth }: { readonly width: number; readonly labelWidth: number },
): HeatLayout {
  const columns = Math.max(1, Math.floor((width - labelWidth) / size.pitch));
  const cells: Cell[] = [];
  const labels: Label[] = [];
  let top = 0;
  for (const { value, hosts } of groups) {
    labels.push({ value, count: hosts.length, y: top });
    for (const [index, row] of hosts.entries()) {
      const x = labelWidth + (index % columns) * size.pitch;
      cells.push({ row, x, y: top + Math.floor(index / columns) * size.rowPitch });
    }
    top += Math.max(16, Math.ceil(hosts.length / columns) * size.rowPitch) + GROUP_GAP;
  }
  return { size, cells, labels, columns, height: Math.max(0, top - GROUP_GAP) };
}

export function cellAt({ cells, size }: HeatLayout, x: number, y: number): number {
  return cells.findIndex((cell) => x >= cell.x && x < cell.x + size.pitch && y >= cell.y && y < cell.y + size.rowPitch);
}

/** What colours a cell; null if it is not known. */
export function heatValue(row: HostRow, color: HeatColor): number | null {
  return color === 'state' || !isHeard(row) ? null : row.vitals[color];
}

/** Percent, or the greatest load. */
export function scaleTop(rows: readonly HostRow[], color: HeatColor): number {
  if (color !== 'load') return 100;
  return Math.max(1, ...rows.map((row) => heatValue(row, color) ?? 0));
}

export interface HeatPaths {
  /** Outlines of the cells of each level, as data of one path. */
  readonly levels: readonly string[];
  readonly unknown: string;
  /** Cells that show a shape instead. */
  readonly marked: readonly Cell[];
}

/** A path for each level: their number does not grow with that of the hosts. */
export function heatPaths({ cells, size }: HeatLayout, color: HeatColor, top: number): HeatPaths {
  const levels = Array.from({ length: LEVELS }, (): string[] => []);
  const unknown: string[] = [];
  const marked: Cell[] = [];
  for (const cell of cells) {
    const { row, x, y } = cell;
    const value = color === 'state' && isHeard(row) ? FINE : heatValue(row, color);
    if (row.troubles.length > 0) marked.push(cell);
    else {
      const same = value === null ? unknown : (levels[levelOf(value, top)] ?? unknown);
      same.push(`M${x + 1} ${y + 1}h${size.width - 2}v${size.height - 2}h${2 - size.width}z`);
    }
  }
  return { levels: levels.map((outlines) => outlines.join('')), unknown: unknown.join(''), marked };
}

export function levelOf(value: number, top: number): number {
  return Math.max(0, Math.min(LEVELS - 1, Math.floor((value / top) * LEVELS)));
}

/** The cell that an arrow key leads to. */
export function walk({ cells, columns }: HeatLayout, from: number, key: string): number {
  const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, Home: -from, End: cells.length };
  const step = steps[key];
  if (step !== undefined) return Math.max(0, Math.min(cells.length - 1, from + step));
  const cell = cells[from];
  if (cell === undefined || (key !== 'ArrowDown' && key !== 'ArrowUp')) return from;
  const isDown = key === 'ArrowDown';
  // Rows of groups are of different lengths: the nearest cell of the next row.
  const rows = cells.filter(({ y }) => (isDown ? y > cell.y : y < cell.y)).map(({ y }) => y);
  if (rows.length === 0) return from;
  const y = isDown ? Math.min(...rows) : Math.max(...rows);
  const same = cells.findIndex((one) => one.y === y && one.x === cell.x);
  return same === -1 && columns > 0 ? cells.findLastIndex((one) => one.y === y && one.x <= cell.x) : same;
}
