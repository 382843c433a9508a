/** Sends a dashboard's queries to real databases, as Grafana's data sources do, and counts the values returned. */
import type { DashboardQuery } from '../../../src/grafana/list-queries.ts';

import { substituted } from './grafana-queries.ts';
import type { Influxd } from '../servers/influxd.ts';

/** The number of values in the answer. @throws the database's error */
export type Ask = (query: DashboardQuery) => Promise<number>;

/** For data with one point a second. */
const INTERVALS = { $__interval: '2s', $__rate_interval: '5s' } as const;
const RANGE_SECONDS = 300;

export function influxqlAsk(server: Influxd, db: string, variables: Readonly<Record<string, string>>): Ask {
  return async (query) => {
    const series = await server.query(substituted(query, variables, INTERVALS), { db });
    return series
      .flatMap(({ columns, values }) => values.flatMap((row) => row.filter((_, index) => columns[index] !== 'time')))
      .filter((value) => value !== null).length;
  };
}

interface PrometheusAnswer {
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly data?: unknown;
}

interface Samples {
  readonly result: readonly { readonly value?: Sample; readonly values?: readonly Sample[] }[];
}

type Sample = readonly [time: number, value: string];

/** @param url of a server with Prometheus's API */
export function promqlAsk(url: string, variables: Readonly<Record<string, string>>): Ask {
  const get = async (path: string, parameters: Readonly<Record<string, string>>) => {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
    const { error, data } = (await response.json()) as PrometheusAnswer;
    if (error !== undefined || data === undefined) throw new Error(error ?? `Answer ${response.status}`);
    return data;
  };
  return async (query) => {
    const text = substituted(query, variables, INTERVALS);
    const labels = /^label_values\((.*), (\w+)\)$/.exec(text);
    if (labels !== null) {
      const [, match = '', label = ''] = labels;
      const series = (await get('series', { 'match[]': match })) as readonly Readonly<Record<string, string>>[];
      return new Set(series.flatMap((one) => one[label] ?? [])).size;
    }
    const now = Date.now() / 1000;
    const range = { start: String(now - RANGE_SECONDS), end: String(now), step: '1' };
    const answer =
      query.purpose === 'table'
        ? await get('query', { query: text })
        : await get('query_range', { query: text, ...range });
    const samples = (answer as Samples).result.flatMap(({ value, values }) => values ?? (value ? [value] : []));
    return samples.filter(([, value]) => Number.isFinite(Number(value))).length;
  };
}
