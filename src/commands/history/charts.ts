/** Series as charts with a legend, for a terminal or a file. */
import { formatSeriesName } from '../../api/series-name.ts';
import { printable } from '../../core/printable.ts';
import type { FieldOf, QueryFunction } from '../../history/access.ts';
import { formatValue } from '../../plugin/index.ts';
import { drawChart } from '../../terminal/draw/chart.ts';
import { areaGraph, graphCapacity } from '../../terminal/draw/graph.ts';
import type { ColourDepth } from '../../terminal/screen/colours.ts';

import { columns } from '../columns.ts';

export interface Drawn {
  readonly of: FieldOf;
  readonly fn: QueryFunction;
  readonly unit: string;
  /** One for each bucket; NaN where there is none. At least one is a number. */
  readonly values: Float64Array;
  readonly lows: Float64Array;
  readonly highs: Float64Array;
}

export interface Drawing {
  /** Start of the first bucket, ms since the Unix epoch. */
  readonly from: number;
  /** Length of a bucket, ms. */
  readonly step: number;
  readonly width: number;
  readonly height: number;
  readonly colours: ColourDepth;
  readonly isUnicode: boolean;
}

/** Each of more series gets one row. */
const MOST_CHARTS = 4;
/** Rows of a chart. */
const [SMALLEST, TALLEST] = [6, 16];
const ROW_GRAPH = 24;

/** Charts of a few series, or one row for each of many; then the legend, a row for each series. */
export function chartLines(series: readonly Drawn[], drawing: Drawing): readonly string[] {
  if (series.length > MOST_CHARTS) return legend(series, drawing, true);
  const room = Math.floor((drawing.height - series.length - 3) / series.length) - 2;
  const height = Math.max(SMALLEST, Math.min(TALLEST, room));
  const charts = series.flatMap((each) => [
    printable(titleOf(each, drawing)),
    ...drawChart(each.values, { ...drawing, unit: each.unit, height }),
    '',
  ]);
  return [...charts, ...legend(series, drawing, false)];
}

function titleOf({ of, fn }: Drawn, { step }: Drawing): string {
  return `${nameOf(of)}  ${fn} of ${durationText(step)}`;
}

function legend(series: readonly Drawn[], { isUnicode }: Drawing, hasGraphs: boolean): readonly string[] {
  const rows = series.map((each) => {
    const { values, lows, highs, unit } = each;
    const known = values.filter((value) => !Number.isNaN(value));
    const [low, high] = [least(lows), most(highs)];
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const cells = [known.at(-1) ?? NaN, low, mean, high].map((value) => formatValue(value, unit));
    return [nameOf(each.of), ...(hasGraphs ? [graphOf(each, isUnicode)] : []), ...cells];
  });
  const head = ['series', ...(hasGraphs ? [''] : []), 'last', 'min', 'mean', 'max'];
  return columns(
    [head, ...rows],
    head.map((_, index) => (index === 0 || (hasGraphs && index === 1) ? 'left' : 'right')),
  );
}

function graphOf({ values, unit }: Drawn, isUnicode: boolean): string {
  const scale = unit === 'percent' ? { low: 0, high: 100 } : { low: Math.min(0, least(values)), high: most(values) };
  const capacity = graphCapacity(ROW_GRAPH, isUnicode);
  const fitted = Array.from({ length: capacity }, (_, column) => {
    const [start, end] = [column, column + 1].map((each) => Math.floor((each * values.length) / capacity));
    return most(values.subarray(start, Math.max((start ?? 0) + 1, end ?? 0)));
  });
  return areaGraph(fitted, { width: ROW_GRAPH, height: 1 }, scale, isUnicode)[0] ?? '';
}

/** NaN without a number. */
function most(values: Float64Array): number {
  return values.reduce((high, value) => (value <= high || Number.isNaN(value) ? high : value), NaN);
}

function least(values: Float64Array): number {
  return values.reduce((low, value) => (value >= low || Number.isNaN(value) ? low : value), NaN);
}

function nameOf({ set, field }: FieldOf): string {
  return formatSeriesName({ measurement: set.name, field, tags: set.tags });
}

function durationText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${ms / 1000} s`;
  return ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
}
