/** Turns a dashboard's query into what Grafana sends. */
import type { DashboardQuery } from '../../../src/grafana/list-queries.ts';

/** Grafana's own placeholders, for the last hour. */
export const MACROS = {
  $timeFilter: 'time >= now() - 1h AND time <= now()',
  $__interval: '10s',
  $__rate_interval: '1m',
  $__range: '1h',
  'v.timeRangeStart': '-1h',
  'v.timeRangeStop': 'now()',
  'v.windowPeriod': '10s',
} as const;

/**
 * @param variables of the dashboard → chosen value, in the query language; all others are "All"
 * @param macros overrides of Grafana's own placeholders
 * @throws Error if a placeholder remains
 */
export function substituted(
  query: DashboardQuery,
  variables: Readonly<Record<string, string>> = {},
  macros: Partial<Record<keyof typeof MACROS, string>> = {},
): string {
  const own: Readonly<Record<string, string>> = { ...MACROS, ...macros };
  const value = (placeholder: string) => {
    if (placeholder in own) return own[placeholder] ?? '';
    const name = /^\$\{?(\w+)/.exec(placeholder)?.[1] ?? '';
    if (name === '' || name.startsWith('__')) throw new Error(`${query.place}: no value for ${placeholder}`);
    return variables[name] ?? (name === 'bucket' ? 'telegraf' : '.*');
  };
  // The longest first: $__range is a prefix of $__range_ms.
  const placeholders = [...query.placeholders].sort((a, b) => b.length - a.length);
  return placeholders.reduce((text, placeholder) => text.replaceAll(placeholder, value(placeholder)), query.text);
}
