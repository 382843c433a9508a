/** What is usual, and the day or the week before, on the times of the range. */
import { useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals';

import type { UsualAnswer } from '../api/answers.ts';
import { get } from '../api/client.ts';
import { evaluate } from '../store/formula.ts';
import { queryColumns } from '../store/history.ts';
import { host } from '../store/live.ts';
import { address } from '../url/location.ts';
import { liveSpan, range, rangeLength } from '../url/range.ts';
import type { Span } from '../url/time.ts';

import type { ChartSpec } from './model.ts';
import { intervalMs } from './points.ts';

export type Comparison = 'usual' | 'day' | 'week';

const DAY_MS = 86_400_000;
const SHIFT_MS = { day: DAY_MS, week: 7 * DAY_MS } as const;
const HOUR_MS = 3_600_000;
/** A band changes with the hour. */
const REFRESH_MS = 300_000;

export function comparison(): Comparison | undefined {
  const text = address.value.search.get('cmp') ?? 'usual';
  return text === 'usual' || text === 'day' || text === 'week' ? text : undefined;
}

export interface Usual {
  /** Seconds since the Unix epoch. */
  readonly times: readonly number[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

/** Undefined: not asked for, or the history is younger than three days. */
export function useUsual(spec: ChartSpec): ReadonlySignal<Usual | undefined> {
  const usual = useSignal<Usual | undefined>(undefined);
  useAsking(async (span, signal) => {
    usual.value =
      comparison() === 'usual' && spec.usual !== undefined ? await loadUsual(spec.usual, span, signal) : undefined;
  }, spec.id);
  return usual;
}

async function loadUsual(
  { name, from }: NonNullable<ChartSpec['usual']>,
  span: Span,
  signal: AbortSignal,
): Promise<Usual | undefined> {
  const query = { s: name, from: Math.floor(span.from), to: Math.ceil(span.to) };
  const [series] = (await get<UsualAnswer>('usual', query, signal)).series;
  if (series === undefined || series.low.every((value) => value === null)) return undefined;
  const turned = (values: readonly (number | null)[]) =>
    from === undefined ? values : values.map((value) => (value === null ? null : from - value));
  const [low, high] = from === undefined ? [series.low, series.high] : [series.high, series.low];
  return stepped(series.from / 1000, turned(low), turned(high));
}

/** An hour is flat from its beginning to its end. */
function stepped(from: number, low: readonly (number | null)[], high: readonly (number | null)[]): Usual {
  const hour = HOUR_MS / 1000;
  const twice = (values: readonly (number | null)[]) => values.flatMap((value) => [value, value]);
  return {
    times: low.flatMap((_, index) => [from + index * hour, from + (index + 1) * hour]),
    low: twice(low),
    high: twice(high),
  };
}

export interface Earlier {
  /** Seconds, moved to the times of the range. */
  readonly times: Float64Array;
  /** By line. */
  readonly values: readonly Float64Array[];
}

export function useEarlier(spec: ChartSpec, width: number): ReadonlySignal<Earlier | undefined> {
  const earlier = useSignal<Earlier | undefined>(undefined);
  useAsking(async (span, signal) => {
    const by = comparison();
    if (by !== 'day' && by !== 'week') {
      earlier.value = undefined;
      return;
    }
    const shift = SHIFT_MS[by];
    const formulas = spec.lines.map(({ formula }) => formula);
    const before = { from: span.from - shift, to: span.to - shift };
    const buckets = Math.max(1, Math.min(width, Math.ceil((span.to - span.from) / intervalMs())));
    const columns = await queryColumns(formulas, before, buckets, signal);
    earlier.value = {
      times: columns.times.map((time) => time + shift / 1000),
      values: formulas.map((formula) => evaluate(formula, columns)),
    };
  }, spec.id);
  return earlier;
}

/** Asks again when the range or the comparison changes. */
function useAsking(ask: (span: Span, signal: AbortSignal) => Promise<void>, key: string): void {
  useSignalEffect(() => {
    const [, , , ,] = [key, rangeLength.value, liveSpan.value, comparison(), address.value.search.get('from')];
    if (host.value === undefined) return undefined;
    const stop = new AbortController();
    const run = () => {
      // Without the comparison the chart is still right; the legend then has no usual values.
      ask(range.peek(), stop.signal).catch(() => undefined);
    };
    run();
    const timer = setInterval(run, REFRESH_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  });
}

/** The values nearest to each of the times of a chart, within a step. */
export function aligned(
  times: readonly number[],
  { times: from, values }: Earlier,
): readonly (readonly (number | null)[])[] {
  const step = ((from[1] ?? 0) - (from[0] ?? 0)) * 1.5 || 60;
  let at = 0;
  const places = times.map((time) => {
    while (at + 1 < from.length && Math.abs((from[at + 1] ?? 0) - time) <= Math.abs((from[at] ?? 0) - time)) at += 1;
    return Math.abs((from[at] ?? Infinity) - time) <= step ? at : -1;
  });
  return values.map((column) =>
    places.map((place) => {
      const value = place === -1 ? NaN : (column[place] ?? NaN);
      return Number.isNaN(value) ? null : value;
    }),
  );
}
