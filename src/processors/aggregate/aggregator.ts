import { nanoseconds, type Logger, type Metric, type Processor, type Tags } from '../../plugin/index.ts';

import { Episode } from './episode.ts';
import { isPercentile, statistic } from './statistics.ts';
import type { NumericType } from './summary.ts';
import { hasNumbers, Window } from './window.ts';

export interface AggregateOptions {
  /** Milliseconds. */
  readonly period: number;
  /** Milliseconds. */
  readonly grace: number;
  readonly stats: readonly string[];
  readonly drop_original: boolean;
  readonly max_series: number;
}

/** Bounds the remembered field types. Real agents have hundreds of fields; external metrics may have any number. */
const MAX_TYPES = 10_000;

/** Statistics over windows aligned to the epoch, by the time of the metrics, not of their arrival. */
export function createAggregator(options: AggregateOptions, log: Logger): Processor {
  const { drop_original, max_series, stats } = options;
  const period = nanoseconds(options.period);
  const grace = nanoseconds(options.grace);
  const statistics = stats.map(statistic);
  const keepsValues = stats.some(isPercentile);
  const windows = new Map<bigint, Window>();
  const keyOf = seriesKeys();
  const typeOf = fieldTypes();
  const late = new Episode(log, 'Metrics arrive after their window was reported; raise grace to wait longer');
  const full = new Episode(log, 'max_series is reached; metrics of further series pass without statistics');
  let held = 0;
  let newest = 0n;
  /** Watermark in nanoseconds: windows that end at or before it have been reported. */
  let closed: bigint | undefined;

  /** @returns whether the metric was added to a window */
  function addToWindow(metric: Metric): boolean {
    const end = (floorDivide(metric.time, period) + 1n) * period;
    const key = keyOf(metric);
    let window = windows.get(end);
    if (window?.has(key) !== true) {
      if (held >= max_series) {
        full.count();
        return false;
      }
      held += 1;
      window ??= new Window(end);
      windows.set(end, window);
    }
    window.add(key, metric, typeOf, keepsValues);
    if (metric.time > newest) newest = metric.time;
    return true;
  }

  return {
    process(metric) {
      if (!hasNumbers(metric.fields)) return metric;
      if (closed !== undefined && metric.time < closed) {
        late.count();
        return drop_original ? undefined : metric;
      }
      return addToWindow(metric) && drop_original ? undefined : metric;
    },

    flush(now, final) {
      const due = floorDivide(nanoseconds(now) - grace, period) * period;
      if (!final && (closed === undefined || due > closed)) {
        if (closed !== undefined) for (const episode of [late, full]) episode.tick();
        closed = due;
      }
      const metrics: Metric[] = [];
      for (const window of [...windows.values()].sort(byEnd)) {
        if (!final && window.end > due) continue;
        for (const metric of window.metrics(statistics, !final || window.end <= newest)) metrics.push(metric);
        windows.delete(window.end);
        held -= window.size;
      }
      return metrics;
    },
  };
}

function byEnd(a: Window, b: Window): number {
  return a.end < b.end ? -1 : 1;
}

/** Rounds towards −∞, so that times before 1970 have windows too. */
function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/** Computes a key that is equal for equal series; cached for frozen tags, which identify their series. */
function seriesKeys(): (metric: Metric) => string {
  const encodings = new WeakMap<Tags, string>();
  const encode = (tags: Tags) => JSON.stringify(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));
  return ({ name, tags }) => {
    let encoding = encodings.get(tags);
    if (encoding === undefined) {
      encoding = encode(tags);
      if (Object.isFrozen(tags)) encodings.set(tags, encoding);
    }
    return `${name}\n${encoding}`;
  };
}

function fieldTypes(): (measurement: string, field: string, type: NumericType) => NumericType {
  const types = new Map<string, NumericType>();
  return (measurement, field, type) => {
    const key = `${measurement}\n${field}`;
    const known = types.get(key);
    if (known !== undefined) return known;
    if (types.size < MAX_TYPES) types.set(key, type);
    return type;
  };
}
