/** `healthd query`: series of the past as charts. */
import { systemClock } from '../../core/clock.ts';
import { printable } from '../../core/printable.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { HistoryReader } from '../../history/reader.ts';
import type { MetricCatalog } from '../../plugin/index.ts';
import type { QueryFunction } from '../../history/access.ts';
import { bucketsOf } from '../../server/range.ts';
import { kindOf, specOf } from '../../server/catalog.ts';
import { colourDepth, drawsUnicode } from '../../terminal/screen/colours.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { liveCatalogs } from '../live-source.ts';
import { printedSize } from '../live-screen.ts';
import { counted } from '../columns.ts';
import { printDrawing } from '../print.ts';
import type { SpanOptions } from '../time.ts';
import { chartLines, type Drawn, type Drawing } from './charts.ts';
import { findSeries, type FoundSeries } from './find.ts';
import { withHistory } from './open.ts';
import { rangeOf, type TimeRange } from './range.ts';
import { compileSelector } from './selector.ts';

export interface QueryOptions extends ConfigOptions, SpanOptions {
  readonly series: readonly string[];
  readonly fn?: QueryFunction;
}

const DEFAULT_LENGTH_MS = 3_600_000;
/** More than a screen shows. */
const MOST_SERIES = 200;

export function query(options: QueryOptions, terminal: Terminal): Promise<ExitCode> {
  const selectors = options.series.map(compileSelector);
  const range = rangeOf(options, systemClock.now(), DEFAULT_LENGTH_MS);
  return withHistory(options, terminal, async ({ reader, config, say }) => {
    const found = findSeries(reader.sets(), selectors);
    const numeric = found.filter(({ type }) => type !== 'string');
    if (numeric.length === 0)
      throw new Error(
        `${options.series.join(' ')}: texts cannot be drawn; healthd sql and healthd history export print them`,
      );
    const size = printedSize(terminal);
    const buckets = bucketsOf(range, columnsOf(config, numeric, range, size.width));
    const drawn = seriesOf(reader, numeric.slice(0, MOST_SERIES), buckets, {
      catalog: Object.assign({}, ...(await liveCatalogs(config)).toReversed()) as MetricCatalog,
      fn: options.fn,
    });
    if (drawn.length === 0) throw new Error(emptyText(numeric, range));
    const drawing: Drawing = { ...buckets, ...size, ...looksOf(terminal) };
    printDrawing(terminal.stdout, chartLines(drawn, drawing));
    const rest = numeric.length - MOST_SERIES;
    if (rest > 0) say(`${counted(rest, 'more series', 'more series')} match; narrow the selection`);
    return EXIT.ok;
  });
}

/** Of a chart; fewer if the series have fewer samples, since columns without a value are holes. */
function columnsOf(
  { agent, inputs }: LoadedConfig,
  series: readonly FoundSeries[],
  { from, to }: TimeRange,
  width: number,
) {
  const names = new Set(series.map(({ set }) => set.name));
  const intervals = inputs
    .filter(({ plugin }) => Object.keys(plugin.metrics).some((name) => names.has(name)))
    .map(({ interval }) => interval);
  return Math.max(1, Math.min(width * 2, Math.floor((to - from) / Math.max(agent.interval, ...intervals))));
}

function looksOf({ stdout, environment }: Terminal): Pick<Drawing, 'colours' | 'isUnicode'> {
  const isScreen = stdout.isTTY && environment['TERM'] !== 'dumb';
  return { colours: isScreen ? colourDepth(environment) : 'none', isUnicode: drawsUnicode(environment) };
}

interface Asked {
  readonly catalog: MetricCatalog;
  readonly fn: QueryFunction | undefined;
}

/** Those with values in the range. */
function seriesOf(
  reader: HistoryReader,
  series: readonly FoundSeries[],
  range: TimeRange & { readonly step: number },
  { catalog, fn: asked }: Asked,
): readonly Drawn[] {
  return series.flatMap((of) => {
    const { set, field } = of;
    const fn = asked ?? (kindOf(catalog, set.name, field) === 'counter' ? 'rate' : 'mean');
    // The extremes of a mean are those of its samples.
    const functions: readonly QueryFunction[] = fn === 'mean' ? ['mean', 'min', 'max'] : [fn];
    const [values = new Float64Array(), lows = values, highs = values] =
      reader.query([of], functions, range).values[0] ?? [];
    if (values.every(Number.isNaN)) return [];
    const unit = printable(specOf(catalog, set.name, field)?.unit ?? '');
    return [{ of, fn, unit: fn === 'rate' ? `${unit}/s` : unit, values, lows, highs }];
  });
}

function emptyText(series: readonly FoundSeries[], { from, to }: TimeRange): string {
  const newest = Math.max(...series.map(({ lastAt }) => lastAt));
  const text = (time: number) => new Date(time).toISOString().slice(0, 19);
  return `No samples from ${text(from)}Z to ${text(to)}Z; the newest is of ${text(newest)}Z`;
}
