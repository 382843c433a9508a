/** A chart with axes as lines of text, for a terminal or a file. */
import { formatValue } from '../../plugin/index.ts';
import type { ColourDepth } from '../screen/colours.ts';
import { Pen, style } from '../screen/style.ts';
import { padText, textWidth } from '../screen/width.ts';

import { areaGraph, graphCapacity, niceMaximum, type Scale } from './graph.ts';

export interface ChartOptions {
  /** Of the first bucket, ms since the Unix epoch. */
  readonly from: number;
  /** Length of a bucket, ms. */
  readonly step: number;
  /** As in the catalog of metrics: `percent`, `bytes`, `bytes/s`, …; empty if there is none. */
  readonly unit: string;
  /** Columns in all, with the axis; at least 20. */
  readonly width: number;
  /** Rows in all, with the axis of time; at least 4. */
  readonly height: number;
  readonly colours: ColourDepth;
  /** Whether the terminal draws braille. Default: true. */
  readonly isUnicode?: boolean;
  /** IANA name. Default: the zone of this process. */
  readonly timeZone?: string;
}

const AXIS = style('ink3');
const SERIES = style('s1');

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * Draws one series. Percentages have an axis from 0 to 100, other values one to the next round number, from 0 unless some are below.
 * If there are more buckets than columns, a column shows the largest of its buckets, so that no peak is lost.
 *
 * @param values one for each bucket; NaN where there is none
 * @returns lines without a newline; with SGR sequences unless `colours` is `none`
 */
export function drawChart(values: ArrayLike<number>, options: ChartOptions): readonly string[] {
  const { unit, isUnicode = true, colours } = options;
  const [width, height] = [Math.max(20, Math.floor(options.width)), Math.max(4, Math.floor(options.height))];
  const given = Array.from(values);
  const scale = scaleOf(given, unit);
  const labels = [scale.high, (scale.low + scale.high) / 2, scale.low].map((value) => formatValue(value, unit));
  const gutter = Math.min(width - 10, Math.max(...labels.map(textWidth)));
  const plot = { width: width - gutter - 2, height: height - 2 };
  const fitted = resampled(given, graphCapacity(plot.width, isUnicode));
  const pen = new Pen(colours, 'dark');
  const paint = (text: string, of: number) => (colours === 'none' ? text : `${pen.set(of)}${text}\x1b[0m`);
  const labelled = new Map(
    [0, (plot.height - 1) >> 1, plot.height - 1].map((row, index) => [row, labels[index] ?? '']),
  );
  const rows = areaGraph(fitted, plot, scale, isUnicode).map((row, index) => {
    const label = padText(labelled.get(index) ?? '', gutter, 'right');
    return paint(`${label} ${isUnicode ? '┤' : '|'}`, AXIS) + paint(row.trimEnd(), SERIES);
  });
  const corner = isUnicode ? `└${'─'.repeat(plot.width)}` : `+${'-'.repeat(plot.width)}`;
  const times = timeAxis(options, given.length, plot.width);
  return [
    ...rows,
    paint(' '.repeat(gutter + 1) + corner, AXIS),
    paint((' '.repeat(gutter + 2) + times).trimEnd(), AXIS),
  ];
}

function scaleOf(values: readonly number[], unit: string): Scale {
  const known = values.filter(Number.isFinite);
  const [least, most] = [Math.min(0, ...known.slice(0, 1)), Math.max(0, ...known.slice(0, 1))];
  let [low, high] = [least, most];
  for (const value of known) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const top = unit === 'percent' && high <= 100 ? 100 : niceMaximum(high, unit);
  return { low: low < 0 ? -niceMaximum(-low, unit) : 0, high: high <= 0 && low < 0 ? 0 : top };
}

/** Fewer buckets than columns are repeated, more become the largest of each column. */
function resampled(values: readonly number[], columns: number): readonly number[] {
  return Array.from({ length: columns }, (_, column) => {
    const start = Math.floor((column * values.length) / columns);
    const end = Math.max(start + 1, Math.floor(((column + 1) * values.length) / columns));
    let most = Number.NaN;
    for (const value of values.slice(start, end)) if (!(value <= most) && !Number.isNaN(value)) most = value;
    return most;
  });
}

/** Times at the start, the middle and the end, without overlap. */
function timeAxis({ from, step, timeZone }: ChartOptions, buckets: number, width: number): string {
  const span = step * buckets;
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(span > DAY_MS ? { day: '2-digit', month: 'short' } : {}),
    hour: '2-digit',
    minute: '2-digit',
    ...(span < 10 * MINUTE_MS ? { second: '2-digit' } : {}),
    timeZone,
  });
  const shares = width >= 40 ? [0, 0.5, 1] : [0, 1];
  let line = '';
  for (const share of shares) {
    const label = format.format(from + share * span);
    const at = Math.round(share * width - share * label.length);
    if (at > line.length || line === '') line = line.padEnd(at) + label;
  }
  return line;
}
