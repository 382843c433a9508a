/** Series: found, queried, compared. */
import { catalogAnswer } from '../../api/catalog.ts';
import {
  changesAnswer,
  queryAnswer,
  queryFunction,
  seriesAnswer,
  seriesName,
  usualAnswer,
  type QueryAnswer,
  type QueryFunction,
} from '../../api/series.ts';
import { formatSeriesName, parseSeriesName } from '../../api/series-name.ts';
import type { Clock } from '../../core/clock.ts';
import type { FieldOf, RangeAnswer, Values } from '../../history/access.ts';
import { z } from '../../plugin/index.ts';

import type { Sight } from '../access/sight.ts';
import { counters, isCounter, specOf } from '../catalog.ts';
import { available, HttpError } from '../http-error.ts';
import { bucketsOf, rangeOf, rangeQuery } from '../range.ts';
import { defineRoute, type Route } from '../route.ts';
import { searchSets } from '../search.ts';
import type { Sources } from '../sources.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const MAX_SERIES = 100;
/** Numbers in an answer: some 4 MB of JSON. */
const MAX_VALUES = 500_000;
/** Queries of the history at a time; more are asked to come again. */
const MAX_RUNNING = 32;

const seriesParameter = z.array(seriesName).min(1).max(MAX_SERIES).describe('Names of series; repeat the parameter');

export function seriesRoutes(sources: Sources, clock: Clock): readonly Route[] {
  const queries = new Queries();
  return [
    searchRoute(sources),
    catalogRoute(sources),
    queryRoute(sources, clock, queries),
    ...usualRoutes(sources, clock, queries),
    ...changesRoutes(sources, clock, queries),
  ];
}

function historyOf(sources: Sources) {
  return available(sources.history(), 'The history');
}

/** Answers of many queries at once would block the event loop. */
class Queries {
  #running = 0;

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= MAX_RUNNING) throw new HttpError(503, 'Too many queries at a time', { 'retry-after': '1' });
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
    }
  }
}

/** Of a hub: whose series. */
const hostParameter = z.string().max(255).optional().describe("Name or id of a hub's host; default: the agent's own");

function searchRoute(sources: Sources): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/series',
    needs: 'read',
    reach: 'seen',
    summary: 'Series sets whose measurement, tags, fields or help contain every word',
    query: z.strictObject({
      q: z.string().max(500).default('').describe('Words, separated by blanks'),
      limit: z.coerce.number().int().min(1).max(5000).default(500),
      host: hostParameter,
    }),
    answer: seriesAnswer,
    handle: async ({ query: { q, limit, host: asked }, sight }, signal) => {
      const { host, hostName } = hostAsked(asked, sources, sight);
      const search = { words: q, limit, host, hostName, catalog: sources.catalog() };
      const sets = (await historyOf(sources).sets()).filter(({ set }) => seenSet(set, sight));
      return searchSets(sets, search, signal);
    },
  });
}

function catalogRoute(sources: Sources): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/catalog',
    needs: 'read',
    reach: 'none',
    summary: 'What the inputs declare: measurements, fields, units',
    answer: catalogAnswer,
    handle: () => ({ measurements: sources.catalog() }),
  });
}

function queryRoute(sources: Sources, clock: Clock, queries: Queries): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/query',
    needs: 'read',
    reach: 'seen',
    summary: 'Values of series in buckets of time',
    query: z.strictObject({
      s: seriesParameter,
      ...rangeQuery,
      width: z.coerce.number().int().min(1).max(5000).default(600).describe('Number of buckets wanted'),
      fn: z
        .string()
        .default('mean')
        .describe('Functions, separated by commas: mean, min, max, last, rate')
        .transform((list) => [...new Set(list.split(','))])
        .pipe(z.array(queryFunction)),
    }),
    answer: queryAnswer,
    handle: async ({ query: { s: names, width, fn: functions, ...asked }, sight }) => {
      const fields = names.map((name) => fieldNamed(name, sources, sight));
      const range = bucketsOf(rangeOf(asked, clock.now(), HOUR_MS), width);
      const values = ((range.to - range.from) / range.step) * names.length * functions.length;
      if (values > MAX_VALUES)
        throw new HttpError(400, `The answer would have ${values} values, more than ${MAX_VALUES}; ask for fewer`);
      const found = await queries.run(() => historyOf(sources).query(fields, functions, range));
      return valuesAnswer(names, functions, found);
    },
  });
}

function usualRoutes(sources: Sources, clock: Clock, queries: Queries): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/usual',
      needs: 'read',
      reach: 'seen',
      summary: 'What is usual for the hour of the week; empty below three days',
      query: z.strictObject({ s: seriesParameter, ...rangeQuery }),
      answer: usualAnswer,
      handle: async ({ query: { s: names, ...asked }, sight }) => {
        const range = rangeOf(asked, clock.now(), HOUR_MS);
        if (range.to - range.from > 62 * DAY_MS) throw new HttpError(400, 'The range is longer than two months');
        const from = Math.floor(range.from / HOUR_MS) * HOUR_MS;
        const series = () =>
          names.map(async (name) => {
            const of = fieldNamed(name, sources, sight);
            const { low, high } = await historyOf(sources).usual(of, range, isCounter(sources.catalog(), of));
            return { name, from, low: jsonOf(low), high: jsonOf(high) };
          });
        return { series: await queries.run(() => Promise.all(series())) };
      },
    }),
  ];
}

function changesRoutes(sources: Sources, clock: Clock, queries: Queries): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/changes',
      needs: 'read',
      reach: 'seen',
      summary: 'Series ranked by how much they differ from the span before, the day or the week before',
      query: z.strictObject({
        ...rangeQuery,
        against: z.enum(['before', 'day', 'week']).default('before'),
        limit: z.coerce.number().int().min(1).max(500).default(50),
        host: hostParameter,
      }),
      answer: changesAnswer,
      handle: async ({ query: { against, limit, host: askedHost, ...asked }, sight }) => {
        const { host } = hostAsked(askedHost, sources, sight);
        const range = rangeOf(asked, clock.now(), HOUR_MS);
        const length = range.to - range.from;
        const earlier = range.from - { before: length, day: DAY_MS, week: 7 * DAY_MS }[against];
        const start = clock.elapsed();
        const catalog = sources.catalog();
        const { compared, changes: all } = await queries.run(() =>
          historyOf(sources).changes(range, earlier, counters(catalog), host),
        );
        const changes = all.filter(({ of }) => seenSet(of.set, sight));
        const rows = changes.slice(0, limit).map(({ of, before, after, factor, score, spark }) => ({
          name: nameOf(of, sources),
          unit: specOf(catalog, of.set.name, of.field)?.unit ?? '',
          isRate: isCounter(catalog, of),
          before,
          after,
          factor,
          score,
          spark: jsonOf(spark),
        }));
        return { compared, ms: Math.round(clock.elapsed() - start), rows };
      },
    }),
  ];
}

/** @throws HttpError 404 for a host that the hub does not know */
function hostAsked(
  asked: string | undefined,
  sources: Sources,
  sight: Sight,
): { host: string; hostName: string | undefined } {
  if (asked === undefined || asked === sources.hostTag()) {
    if (!sight.own) throw new HttpError(403, 'Name a host of your scope; the one of this agent is not in it');
    return { host: '', hostName: undefined };
  }
  const known = sources.hub()?.host(asked);
  if (known === undefined || !sight.host(known.id)) throw new HttpError(404, `There is no host "${asked}" here`);
  return { host: known.id, hostName: known.name };
}

/**
 * The history keeps sets of hosts that it knows without their tag `host`; names leave out that of the agent's own.
 *
 * @throws HttpError 400 if the text is no name of a series, 404 if it is of a host that is not seen
 */
function fieldNamed(name: string, sources: Sources, sight: Sight): FieldOf {
  const of = fieldOf(name, sources);
  // One that is not seen is answered as one that does not exist.
  if (!seenSet(of.set, sight)) throw new HttpError(404, `There is no series "${name}" here`);
  return of;
}

/** Sets of hosts that the hub does not know keep their tag `host`. */
function seenSet({ host, tags }: FieldOf['set'], sight: Sight): boolean {
  if (sight.isWhole) return true;
  return host === '' ? sight.named(tags['host']) : sight.host(host);
}

/** @throws HttpError 400 if the text is no name of a series */
function fieldOf(name: string, sources: Sources): FieldOf {
  const parts = parseSeriesName(name);
  if (parts === undefined) throw new HttpError(400, `"${name}" is not a series such as cpu.usage_idle{cpu=cpu-total}`);
  const { host, ...others } = parts.tags;
  const { measurement, field } = parts;
  if (host === undefined || host === sources.hostTag())
    return { set: { host: '', name: measurement, tags: others }, field };
  const known = sources.hub()?.host(host);
  if (known === undefined) return { set: { host: '', name: measurement, tags: parts.tags }, field };
  return { set: { host: known.id, name: measurement, tags: others }, field };
}

function nameOf({ set, field }: FieldOf, sources: Sources): string {
  const host = set.host === '' ? undefined : (sources.hub()?.host(set.host)?.name ?? set.host);
  const tags = host === undefined ? set.tags : { ...set.tags, host };
  return formatSeriesName({ measurement: set.name, field, tags });
}

function valuesAnswer(
  names: readonly string[],
  functions: readonly QueryFunction[],
  { from, step, values }: RangeAnswer,
): QueryAnswer {
  const series = names.map((name, index) => {
    const pairs = functions.map((fn, each) => [fn, jsonOf(values[index]?.[each] ?? new Float64Array())]);
    return { name, values: Object.fromEntries(pairs) as QueryAnswer['series'][number]['values'] };
  });
  return { from, step, series };
}

/** JSON has no NaN. Seven significant digits are more than a pixel shows; whole numbers stay exact. */
function jsonOf(values: Values): (number | null)[] {
  return Array.from(values, (value) => {
    if (!Number.isFinite(value)) return null;
    return Number.isInteger(value) ? value : Number(value.toPrecision(7));
  });
}
