/** What uPlot does not draw: bands, gaps, limits, markers, and where lines end. Coordinates are pixels of the canvas. */
import type uPlot from 'uplot';

import type { Span } from '../url/time.ts';

import type { Threshold } from './model.ts';
import { faded, type Palette } from './palette.ts';

export interface Marker {
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly level: 'info' | 'warning' | 'critical';
}

/** A band between two columns over the same times. Times in seconds; `null` interrupts it. */
export interface Band {
  readonly times: readonly number[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  readonly fill: string;
  /** Dotted edges; none if undefined. */
  readonly edge?: string;
}

const HATCH_GAP = 6;
/** px */
const LABEL_HEIGHT = 12;

export function paintBand(u: uPlot, { times, low, high, fill, edge }: Band): void {
  inPlot(u, (context) => {
    for (const [start, end] of runs(low, high)) {
      const top = path(u, times, high, start, end);
      const bottom = path(u, times, low, start, end);
      context.fillStyle = fill;
      context.beginPath();
      [...top, ...bottom.toReversed()].forEach(([x, y], index) => {
        if (index === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      });
      context.fill();
      if (edge === undefined) continue;
      context.strokeStyle = edge;
      context.lineWidth = devicePixelRatio;
      context.setLineDash([devicePixelRatio, 3 * devicePixelRatio]);
      for (const points of [top, bottom]) strokePoints(context, points);
    }
  });
}

type Point = readonly [number, number];

function path(
  u: uPlot,
  times: readonly number[],
  values: readonly (number | null)[],
  start: number,
  end: number,
): readonly Point[] {
  const points: Point[] = [];
  for (let index = start; index < end; index += 1) {
    points.push([u.valToPos(times[index] ?? 0, 'x', true), u.valToPos(values[index] ?? 0, 'y', true)]);
  }
  return points;
}

function strokePoints(context: CanvasRenderingContext2D, points: readonly Point[]): void {
  context.beginPath();
  points.forEach(([x, y], index) => {
    if (index === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.stroke();
}

function* runs(
  low: readonly (number | null)[],
  high: readonly (number | null)[],
): Generator<readonly [number, number]> {
  let start = -1;
  for (let index = 0; index <= low.length; index += 1) {
    const isKnown = index < low.length && low[index] != null && high[index] != null;
    if (isKnown && start === -1) start = index;
    if (!isKnown && start !== -1) {
      yield [start, index];
      start = -1;
    }
  }
}

export function paintGaps(u: uPlot, gaps: readonly Span[], { line3 }: Palette): void {
  inPlot(u, (context) => {
    const { top, height } = u.bbox;
    for (const gap of gaps) {
      const [left, right] = [u.valToPos(gap.from, 'x', true), u.valToPos(gap.to, 'x', true)];
      context.save();
      context.beginPath();
      context.rect(left, top, right - left, height);
      context.clip();
      context.setLineDash([]);
      context.strokeStyle = faded(line3, 0.5);
      context.lineWidth = 1.25 * devicePixelRatio;
      context.beginPath();
      const step = HATCH_GAP * Math.SQRT2 * devicePixelRatio;
      // From a fixed origin, so that the hatch does not crawl while the chart moves.
      for (let x = Math.floor((left - height) / step) * step; x < right; x += step) {
        context.moveTo(x, top + height);
        context.lineTo(x + height, top);
      }
      context.stroke();
      context.restore();
    }
  });
}

export function paintThresholds(u: uPlot, thresholds: readonly Threshold[], palette: Palette): void {
  inPlot(u, (context) => {
    const { left, width, top, height } = u.bbox;
    const labels: { readonly y: number; readonly end: number }[] = [];
    for (const { value, level, label } of thresholds) {
      const color = level === 'critical' ? palette.crit : palette.warn;
      const wanted = Math.round(u.valToPos(value, 'y', true)) + 0.5;
      const isInside = wanted >= top && wanted <= top + height;
      context.strokeStyle = color;
      context.lineWidth = devicePixelRatio;
      context.setLineDash([5 * devicePixelRatio, 3 * devicePixelRatio]);
      if (isInside) {
        strokePoints(context, [
          [left, wanted],
          [left + width, wanted],
        ]);
      }
      const y = labelPosition(wanted, top, height);
      const text = isInside ? label : `${wanted < top ? '↑' : '↓'} ${label}`;
      // Limits close to each other have their labels side by side.
      const beside = labels.findLast((other) => Math.abs(other.y - y) < LABEL_HEIGHT * devicePixelRatio);
      const at = [beside === undefined ? left + 4 * devicePixelRatio : beside.end, beside?.y ?? y] as const;
      const end = at[0] + paintLabel(context, text, at, color, palette) + 8 * devicePixelRatio;
      labels.push({ y: at[1], end });
    }
  });
}

/** Above the line; below it where there is no room. */
function labelPosition(line: number, top: number, height: number): number {
  const [highest, lowest] = [top + LABEL_HEIGHT * devicePixelRatio, top + height - 4 * devicePixelRatio];
  const above = line - 4 * devicePixelRatio;
  const y = above < highest && line >= top ? line + LABEL_HEIGHT * devicePixelRatio : above;
  return Math.min(lowest, Math.max(highest, y));
}

/** @returns its width */
function paintLabel(
  context: CanvasRenderingContext2D,
  text: string,
  [x, y]: Point,
  color: string,
  { surface, sans }: Palette,
): number {
  context.font = `${11 * devicePixelRatio}px ${sans}`;
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  context.setLineDash([]);
  context.lineJoin = 'round';
  context.lineWidth = 3 * devicePixelRatio;
  context.strokeStyle = surface;
  context.strokeText(text, x, y);
  context.fillStyle = color;
  context.fillText(text, x, y);
  return context.measureText(text).width;
}

export function paintMarkers(u: uPlot, markers: readonly Marker[], { crit, warn, ink3 }: Palette): void {
  inPlot(u, (context) => {
    const { top, height } = u.bbox;
    context.lineWidth = devicePixelRatio;
    context.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const { at, level } of markers) {
      context.strokeStyle = level === 'critical' ? crit : level === 'warning' ? warn : ink3;
      const x = Math.round(u.valToPos(at / 1000, 'x', true)) + 0.5;
      strokePoints(context, [
        [x, top],
        [x, top + height],
      ]);
    }
  });
}

/** A dot where each line ends. */
export function paintEnds(
  u: uPlot,
  ends: readonly { readonly time: number; readonly value: number; readonly color: string }[],
): void {
  const context = u.ctx;
  context.save();
  for (const { time, value, color } of ends) {
    context.fillStyle = color;
    context.beginPath();
    context.arc(u.valToPos(time, 'x', true), u.valToPos(value, 'y', true), 2.5 * devicePixelRatio, 0, 2 * Math.PI);
    context.fill();
  }
  context.restore();
}

function inPlot(u: uPlot, paint: (context: CanvasRenderingContext2D) => void): void {
  const { left, top, width, height } = u.bbox;
  u.ctx.save();
  u.ctx.beginPath();
  u.ctx.rect(left, top, width, height);
  u.ctx.clip();
  paint(u.ctx);
  u.ctx.restore();
}
