/** Answers of the history as columns. */
import type { QueryAnswer, SeriesAnswer, SeriesSetInfo } from '../api/answers.ts';
import { get } from '../api/client.ts';
import type { Span } from '../url/time.ts';

import { host } from './live.ts';
import { namesOf, type Columns, type Formula } from './formula.ts';

export interface HistoryColumns extends Columns {
  /** Between times, ms. */
  readonly step: number;
  /** The least and greatest of each bucket; undefined where it was not asked for. */
  extremes(name: string): { readonly min: Float64Array; readonly max: Float64Array } | undefined;
}

/** The API answers at most 100 series at once. */
export const MOST_SERIES = 100;

/**
 * @param width buckets wanted
 * @throws ApiError
 */
export async function queryColumns(
  formulas: readonly Formula[],
  { from, to }: Span,
  width: number,
  signal?: AbortSignal,
): Promise<HistoryColumns> {
  const range = { from: Math.floor(from), to: Math.ceil(to), width };
  const [gauges, counters] = [namesBy(formulas, false), namesBy(formulas, true)];
  const [mean, rates] = await Promise.all([
    query(gauges, 'mean,min,max', range, signal),
    query(counters, 'rate', range, signal),
  ]);
  const answer = mean ?? rates;
  const columns = new Map<string, Float64Array>();
  for (const { name, values } of [...(mean?.series ?? []), ...(rates?.series ?? [])]) {
    for (const [fn, list] of Object.entries(values)) columns.set(`${fn} ${name}`, numbers(list));
  }
  return toColumns(columns, answer);
}

function toColumns(columns: ReadonlyMap<string, Float64Array>, answer: QueryAnswer | undefined): HistoryColumns {
  const step = answer?.step ?? 1000;
  const length = Math.max(0, ...[...columns.values()].map((values) => values.length));
  const times = Float64Array.from({ length }, (_, index) => ((answer?.from ?? 0) + index * step) / 1000);
  return {
    times,
    step,
    values: (name, isRate) => columns.get(`${isRate ? 'rate' : 'mean'} ${name}`),
    extremes: (name) => {
      const [min, max] = [columns.get(`min ${name}`), columns.get(`max ${name}`)];
      return min === undefined || max === undefined ? undefined : { min, max };
    },
  };
}

function namesBy(formulas: readonly Formula[], isRate: boolean): readonly string[] {
  const names = formulas.filter((formula) => formula.isRate === isRate).flatMap((formula) => namesOf(formula));
  return [...new Set(names)].slice(0, MOST_SERIES);
}

async function query(
  names: readonly string[],
  fn: string,
  range: Readonly<Record<'from' | 'to' | 'width', number>>,
  signal: AbortSignal | undefined,
): Promise<QueryAnswer | undefined> {
  return names.length === 0 ? undefined : get<QueryAnswer>('query', { s: names, ...range, fn }, signal);
}

function numbers(values: readonly (number | null)[]): Float64Array {
  return Float64Array.from(values, (value) => value ?? NaN);
}

/** @throws ApiError */
export async function searchSeries(text: string, limit: number, signal?: AbortSignal): Promise<SeriesAnswer> {
  const { sets, isComplete } = await get<SeriesAnswer>('series', { q: text, limit }, signal);
  return { sets: sets.map((set) => ({ ...set, tags: withoutOwnHost(set.tags) })), isComplete };
}

/** Names of series leave out the tag that the agent adds to all that it gathers. */
function withoutOwnHost({ host: name, ...tags }: SeriesSetInfo['tags']): SeriesSetInfo['tags'] {
  return name === undefined || name === host.peek()?.name ? tags : { ...tags, host: name };
}

export type { SeriesSetInfo };
