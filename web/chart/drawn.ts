/** From points to what is drawn: stacks are summed, mirrored lines are negative, and the scale is chosen. */
import { scaleFor, type Scale } from '../format/value.ts';

import type { ChartSpec } from './model.ts';
import { niceMaximum } from './scales.ts';

type Column = readonly (number | null)[];

/** By line, as drawn. */
export function drawnColumns({ lines }: Pick<ChartSpec, 'lines'>, columns: readonly Column[]): readonly Column[] {
  let ground: Column | undefined;
  return lines.map(({ style }, index) => {
    const column = columns[index] ?? [];
    if (style === 'mirror') return column.map((value) => (value === null ? null : -value));
    if (style !== 'stack') return column;
    const below = ground;
    ground = below === undefined ? column : column.map((value, at) => sumOf(value, below[at] ?? null));
    return ground;
  });
}

function sumOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

export interface YScale extends Scale {
  readonly min: number;
  readonly max: number;
  /** From the ground up. */
  readonly ticks: readonly number[];
}

/** Labels that are nearer lie on each other; part of the height. */
const NEAREST_TICK = 0.2;
/** How long a scale stays after it could shrink, ms. */
const SHRINK_AFTER_MS = 60_000;

/** Grows at once and shrinks only after a minute, so that a live chart does not jump. */
export function createScaler(): (spec: ChartSpec, drawn: readonly Column[], now: number) => YScale {
  let held: { top: number; bottom: number; since: number } | undefined;
  return (spec, drawn, now) => {
    if (spec.scale.kind === 'fixed') return fixedScale(spec, spec.scale.min, spec.scale.max);
    const [top, bottom] = extent(drawn);
    const wanted = { top: rounded(spec, top), bottom: bottom === 0 ? 0 : rounded(spec, bottom) };
    const isLess = held !== undefined && (wanted.top < held.top || wanted.bottom < held.bottom);
    const isGreater = held !== undefined && (wanted.top > held.top || wanted.bottom > held.bottom);
    if (held === undefined || isGreater || !isLess)
      held = { ...greater(wanted, isGreater ? held : undefined), since: now };
    else if (now - held.since > SHRINK_AFTER_MS) held = { ...wanted, since: now };
    return mirrorScale(spec, held.top, held.bottom);
  };
}

function greater(
  a: { top: number; bottom: number },
  b: { top: number; bottom: number } | undefined,
): { top: number; bottom: number } {
  return { top: Math.max(a.top, b?.top ?? 0), bottom: Math.max(a.bottom, b?.bottom ?? 0) };
}

/** The greatest above and below zero. */
function extent(drawn: readonly Column[]): readonly [number, number] {
  let [top, bottom] = [0, 0];
  for (const column of drawn) {
    for (const value of column) {
      if (value === null) continue;
      if (value > top) top = value;
      if (-value > bottom) bottom = -value;
    }
  }
  return [top, bottom];
}

function rounded(spec: ChartSpec, value: number): number {
  const rule = spec.scale;
  const { divisor } = scaleFor(spec.unit, value);
  // Not 1500 KiB: the next unit begins at 1024.
  const nice =
    Math.min(niceMaximum(value / divisor), divisor > 1 || spec.unit.startsWith('bytes') ? 1024 : Infinity) * divisor;
  return rule.kind === 'nice' ? Math.min(rule.most ?? Infinity, Math.max(rule.least, nice)) : nice;
}

function fixedScale({ unit }: ChartSpec, min: number, max: number): YScale {
  return { ...scaleFor(unit, max), min, max, ticks: [min, (min + max) / 2, max] };
}

function mirrorScale({ unit }: ChartSpec, top: number, bottom: number): YScale {
  const isFar = (tick: number) => tick === 0 || Math.abs(tick) > NEAREST_TICK * (top + bottom);
  const ticks = bottom === 0 ? [0, top / 2, top] : [-bottom, 0, top].filter(isFar);
  return { ...scaleFor(unit, Math.max(top, bottom)), min: -bottom, max: top, ticks };
}

/** What decides the unit of a chart: its axis, legend and title have the same. */
export function greatestOf({ lines, scale }: ChartSpec, columns: readonly Column[]): number {
  if (scale.kind === 'fixed') return scale.max;
  const most = (column: Column) => column.reduce<number>((max, value) => Math.max(max, value ?? 0), 0);
  return Math.max(scale.least, ...lines.map((_, line) => most(columns[line] ?? [])));
}
