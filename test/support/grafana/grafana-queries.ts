/** Makes of a dashboard's query what Grafana would send. */
import type { DashboardQuery } from '../../../src/grafana/queries.ts';

/** Grafana's own placeholders, over the last hour. */
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
 * @param variables of the dashboard → what is chosen, as the query language has it; anything else is "All"
 * @param macros other values of Grafana's own placeholders
 * @throws Error if something remains that nobody replaces
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
    if (name === '' || name.startsWith('__')) throw new Error(`${query.place}: nobody replaces ${placeholder}`);
    return variables[name] ?? (name === 'bucket' ? 'telegraf' : '.*');
  };
  // The longest first: $__range is the beginning of $__range_ms.
  const placeholders = [...query.placeholders].sort((a, b) => b.length - a.length);
  return placeholders.reduce((text, placeholder) => text.replaceAll(placeholder, value(placeholder)), query.text);
}
