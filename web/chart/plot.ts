/** One uPlot, set up as all charts of the page are. It draws what it is given and knows nothing of where that is from. */
import uPlot from 'uplot';

import { number } from '../format/value.ts';
import type { Span } from '../url/time.ts';

import type { YScale } from './drawn.ts';
import type { ChartSpec, Points } from './model.ts';
import { paintBand, paintEnds, paintGaps, paintMarkers, paintThresholds, type Band, type Marker } from './paint.ts';
import { faded, mixed, type Palette } from './palette.ts';
import { timeTicks } from './scales.ts';

export interface PlotState {
  readonly points: Points;
  /** By line, as drawn: stacked, mirrored. */
  readonly drawn: readonly (readonly (number | null)[])[];
  readonly scale: YScale;
  /** ms since the Unix epoch. */
  readonly range: Span;
  readonly markers: readonly Marker[];
  readonly bands: readonly Band[];
  /** The same lines a day or a week ago, on the times of today; drawn dashed. By line. */
  readonly compared?: readonly (readonly (number | null)[])[];
  readonly isLive: boolean;
}

export interface PlotLayout {
  readonly width: number;
  readonly height: number;
  /** Of the labels at the left, px. */
  readonly axisWidth: number;
  readonly hasTimeAxis: boolean;
  /** Whether the label at the top has the unit. */
  readonly hasUnit: boolean;
  /** px at the top and at the right. */
  readonly padding: readonly [number, number];
}

export interface Plot {
  readonly over: HTMLElement;
  update(state: PlotState): void;
  resize(width: number, height: number): void;
  /** The line under the pointer. @param at ms since the Unix epoch; undefined hides it */
  point(at: number | undefined): void;
  /** @param x px from the left edge of the plot @returns ms since the Unix epoch */
  timeAt(x: number): number;
  /** @returns px from the left edge of the plot */
  positionOf(at: number): number;
  destroy(): void;
}

const FONT_SIZE = 11;
const FILL = 0.16;
const STACK_FILL = 0.26;
/** `64 GiB`. The unit of a longer one is at the title only. Characters. */
const LONGEST_LABEL = 6;
/** px */
const LOW_PLOT = 110;
const COMPARED_OPACITY = 0.6;
const EXTREMES_OPACITY = 0.2;

export function createPlot(parent: HTMLElement, spec: ChartSpec, layout: PlotLayout, palette: Palette): Plot {
  let state: PlotState | undefined;
  const order = drawOrder(spec);
  const u = new uPlot(
    options(spec, layout, palette, order, () => state),
    emptyData(order.length * 2),
    parent,
  );

  const positionOf = (at: number) => u.valToPos(at / 1000, 'x');
  return {
    over: u.over,
    update: (next) => {
      state = next;
      u.setData(dataOf(next, order), false);
      u.setScale('x', { min: next.range.from / 1000, max: next.range.to / 1000 });
    },
    resize: (width, height) => {
      if (width > 0 && (width !== u.width || height !== u.height)) u.setSize({ width, height });
    },
    point: (at) => {
      const left = at === undefined ? -10 : positionOf(at);
      const isInside = left >= 0 && left <= u.over.clientWidth;
      u.setCursor({ left: isInside ? left : -10, top: isInside ? 8 : -10 }, false);
    },
    timeAt: (x) => u.posToVal(x, 'x') * 1000,
    positionOf,
    destroy: () => {
      u.destroy();
    },
  };
}

/** Lines in the order in which they are painted: the top of a stack first, so that each covers the ground of the next. */
function drawOrder({ lines }: ChartSpec): readonly number[] {
  const stacked = lines.flatMap(({ style }, index) => (style === 'stack' ? [index] : [])).toReversed();
  const others = lines.flatMap(({ style }, index) => (style === 'stack' ? [] : [index]));
  return [...stacked, ...others];
}

type Column = (number | null)[];

function dataOf({ points, drawn, compared }: PlotState, order: readonly number[]): uPlot.AlignedData {
  const empty = (): Column => points.times.map(() => null);
  return [
    points.times as number[],
    ...order.map((line) => (drawn[line] as Column | undefined) ?? empty()),
    ...order.map((line) => (compared?.[line] as Column | undefined) ?? empty()),
  ];
}

function emptyData(columns: number): uPlot.AlignedData {
  return [[], ...Array.from({ length: columns }, (): Column => [])];
}

function options(
  spec: ChartSpec,
  layout: PlotLayout,
  palette: Palette,
  order: readonly number[],
  stateOf: () => PlotState | undefined,
): uPlot.Options {
  return {
    width: layout.width,
    height: layout.height,
    pxAlign: 1,
    padding: [layout.padding[0], layout.padding[1], layout.hasTimeAxis ? 0 : 4, 0],
    legend: { show: false },
    cursor: cursor(palette),
    scales: {
      x: { time: true },
      y: { range: () => [stateOf()?.scale.min ?? 0, stateOf()?.scale.max ?? 1] },
    },
    series: [
      {},
      ...order.map((line) => lineOf(spec, line, palette)),
      ...order.map((line) => comparedOf(spec, line, palette)),
    ],
    axes: [timeAxis(layout, palette), valueAxis(layout, palette, stateOf)],
    hooks: {
      drawClear: [
        (u) => {
          paintGround(u, spec, palette, stateOf());
        },
      ],
      draw: [
        (u) => {
          paintTop(u, spec, palette, stateOf());
        },
      ],
    },
  };
}

/** The page moves the cursor itself: the same in all charts. */
function cursor(palette: Palette): uPlot.Cursor {
  const none = () => null;
  return {
    x: true,
    y: false,
    drag: { x: false, y: false },
    bind: {
      mousedown: none,
      mouseup: none,
      click: none,
      dblclick: none,
      mousemove: none,
      mouseleave: none,
      mouseenter: none,
    },
    points: { size: 7, width: 1.5, stroke: () => palette.surface, fill: (u, index) => colorOf(u, index) },
  };
}

function colorOf(u: uPlot, index: number): string {
  const stroke = u.series[index]?.stroke;
  return typeof stroke === 'function' ? (stroke(u, index) as string) : ((stroke as string | undefined) ?? '');
}

function lineOf({ lines }: ChartSpec, line: number, palette: Palette): uPlot.Series {
  const { color: index = 1, style = 'line' } = lines[line] ?? {};
  const color = palette.series[index - 1] ?? palette.ink;
  const fill =
    style === 'line' ? undefined : style === 'stack' ? mixed(color, palette.surface, STACK_FILL) : faded(color, FILL);
  return {
    stroke: color,
    width: 1.5,
    spanGaps: false,
    points: { show: false },
    ...(fill !== undefined && { fill, fillTo: 0 }),
    ...(index === 5 && style === 'line' && { dash: [6, 3] }),
  };
}

function comparedOf({ lines }: ChartSpec, line: number, palette: Palette): uPlot.Series {
  const color = palette.series[(lines[line]?.color ?? 1) - 1] ?? palette.ink;
  return { stroke: faded(color, COMPARED_OPACITY), width: 1.5, dash: [2, 3], spanGaps: false, points: { show: false } };
}

function axisBase({ ink3, sans, grid }: Palette): uPlot.Axis {
  return {
    stroke: ink3,
    font: `${FONT_SIZE}px ${sans}`,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
  };
}

function timeAxis({ hasTimeAxis }: PlotLayout, palette: Palette): uPlot.Axis {
  const ticks = (u: uPlot) => {
    const { min = 0, max = 1 } = u.scales['x'] ?? {};
    return timeTicks(min, max, u.over.clientWidth || 240);
  };
  return {
    ...axisBase(palette),
    size: hasTimeAxis ? 20 : 0,
    gap: 5,
    splits: (u) => [...ticks(u).at],
    values: (u) => {
      if (!hasTimeAxis) return [];
      const { at, labels } = ticks(u);
      const width = u.over.clientWidth;
      // Half a label would be cut off at an edge.
      return labels.map((label, index) => {
        const x = u.valToPos(at[index] ?? 0, 'x');
        return x < 0 || x > width - 4 ? null : label;
      });
    },
  };
}

function valueAxis(
  { axisWidth, hasUnit }: PlotLayout,
  palette: Palette,
  stateOf: () => PlotState | undefined,
): uPlot.Axis {
  return {
    ...axisBase(palette),
    size: axisWidth,
    gap: 6,
    splits: () => [...(stateOf()?.scale.ticks ?? [])],
    values: (u, splits) => {
      const scale = stateOf()?.scale;
      if (scale === undefined) return [];
      // The ground of a low chart is its edge; a label there would touch the one above.
      const isLow = u.over.clientHeight < LOW_PLOT;
      return splits.map((value, index) => {
        if (isLow && index === 0) return '';
        const text = number(Math.abs(value) / scale.divisor);
        const whole = `${text}\u00a0${scale.unit}`;
        const isTop = index === splits.length - 1 && scale.unit !== '';
        return hasUnit && isTop && whole.length <= LONGEST_LABEL ? whole : text;
      });
    },
  };
}

function paintGround(u: uPlot, spec: ChartSpec, palette: Palette, state: PlotState | undefined): void {
  if (state === undefined) return;
  for (const band of state.bands) paintBand(u, band);
  const { points } = state;
  spec.lines.forEach(({ style, color }, line) => {
    if (style === 'stack' || style === 'mirror') return;
    const fill = faded(palette.series[color - 1] ?? palette.ink, EXTREMES_OPACITY);
    paintBand(u, { times: points.times, low: points.low[line] ?? [], high: points.high[line] ?? [], fill });
  });
}

function paintTop(u: uPlot, spec: ChartSpec, palette: Palette, state: PlotState | undefined): void {
  if (state === undefined) return;
  paintGaps(u, state.points.gaps, palette);
  paintMarkers(u, state.markers, palette);
  paintThresholds(u, spec.thresholds ?? [], palette);
  if (state.isLive) paintEnds(u, ends(spec, palette, state));
}

function ends({ lines }: ChartSpec, palette: Palette, { points, drawn }: PlotState): Parameters<typeof paintEnds>[1] {
  return lines.flatMap(({ color }, line) => {
    const column = drawn[line] ?? [];
    const index = column.findLastIndex((value) => value !== null);
    const [time, value] = [points.times[index], column[index]];
    if (time === undefined || value == null) return [];
    return [{ time, value, color: palette.series[color - 1] ?? palette.ink }];
  });
}
