/** Text for terminals: tables, sizes, ages and counts. */
import { formatDuration } from '../core/duration.ts';
import { printable } from '../core/printable.ts';

export type Align = 'left' | 'right';

/** Rows of cells as aligned lines; the last column is not padded. Control characters are shown, so that a row is one line. */
export function columns(raw: readonly (readonly string[])[], align: readonly Align[]): readonly string[] {
  const rows = raw.map((row) => row.map((cell) => printable(cell)));
  const widths = align.map((_, column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    align[column] === 'right' ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd());
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `34.1 MiB`. */
export function humanBytes(bytes: number): string {
  const power = Math.min(SIZES.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const amount = bytes / 1024 ** power;
  const text = power === 0 || amount >= 99.95 ? String(Math.round(amount)) : amount.toFixed(1).replace('.0', '');
  return `${text} ${SIZES[power] ?? ''}`;
}

/** `1d2h`, `3h12m`, `4m5s`: the two largest units. */
export function humanAge(ms: number): string {
  const unit = ms >= 86_400_000 ? 3_600_000 : ms >= 3_600_000 ? 60_000 : 1000;
  return formatDuration(Math.floor(Math.max(0, ms) / unit) * unit);
}

/** `12 345 678`. */
export function humanCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** `1 line`, `2 lines`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${humanCount(count)} ${count === 1 ? one : many}`;
}
