/** InfluxQL: InfluxDB 1, InfluxDB 2 with a DBRP mapping, InfluxDB 3. */
import type { NewestQuery, Query, RowsQuery, TagFilter } from '../query.ts';
import type { InfluxqlTarget } from '../dashboard-json.ts';

import { ALERT_ANNOTATION, selectedDataSource, INFLUX_FUNCTIONS, type TagValues, type Writer } from './writer.ts';

const datasource = selectedDataSource('influxdb');

export const influxql: Writer = {
  source: 'influxql',
  title: 'InfluxQL',
  plugin: 'influxdb',
  variables: [],
  series: (query, refId, label) => ({
    ...target(refId, seriesText(query), 'time_series'),
    alias: [...query.by.map((tag) => `$tag_${tag}`), label].join(' ').trim(),
  }),
  latest: (query, refId, column) => target(refId, newestText(query, column), 'table'),
  // `last` also returns the time of its point, in a column that Grafana names `Time`.
  lastSeen: (query, refId, column) => target(refId, newestText(query, column), 'table'),
  seenColumn: () => 'Time',
  absence: (query, refId, minutes) => {
    const count = `count(${name(query.field)})`;
    const text = select(query, count, [`time(${minutes}m)`, ...query.by.map(name)], '0');
    return { target: target(refId, text, 'time_series'), isAbsent: { type: 'lt', params: [1] } };
  },
  hasText: true,
  rows: (query, refId) => [target(refId, rowsText(query), 'table')],
  columnName: (_, column) => column,
  displayName: () => undefined,
  tagValues: ({ measurement, tag, where }: TagValues) =>
    `SHOW TAG VALUES FROM ${name(measurement)} WITH KEY = ${name(tag)}` +
    (where.length === 0 ? '' : ` WHERE ${where.map(condition).join(' AND ')}`),
  alertAnnotation: (where) => {
    const filters = ['"kind" = \'transition\'', ...where.map(condition)].join(' AND ');
    const query = `SELECT "message", "host", "rule", "level" FROM "healthd_alert_event" WHERE $timeFilter AND ${filters}`;
    const columns = { fromAnnotations: true, textColumn: 'message', tagsColumn: 'host,rule,level' } as const;
    return { ...ALERT_ANNOTATION, datasource, target: { ...target('Anno', query, 'table'), ...columns } };
  },
};

/** A query over time. */
function seriesText(query: Query): string {
  const { by, across, reduce } = query;
  const window = (tags: readonly string[]) => ['time($__interval)', ...tags];
  // From raw points: differences between windows are too low for the last window, which ends early.
  const rates = select(query, `non_negative_derivative(${name(query.field)}, 1s) AS "value"`, ['*']);
  const within = (what: string, tags: readonly string[]) =>
    reduce === 'rate'
      ? selectFrom(rates, `mean("value")${what}`, window(tags))
      : select(query, `${reduced(query)}${what}`, window(tags), 'none');
  const tags = by.map(name);
  if (across === undefined) return within('', tags);
  return selectFrom(within(' AS "value"', ['*']), `${across}("value")`, window(tags));
}

function selectFrom(inner: string, what: string, grouping: readonly string[]): string {
  return `SELECT ${what} FROM (${inner}) WHERE $timeFilter${groupBy(grouping)} fill(none)`;
}

/** The newest value in the time range, one row for each combination of tags. */
function newestText(query: NewestQuery, column: string): string {
  const { across } = query;
  const grouping = query.by.map(name);
  if (across === undefined) return select(query, `${reduced(query)} AS ${name(column)}`, grouping);
  const inner = select(query, `${reduced(query)} AS "value"`, ['*']);
  return `SELECT ${across}("value") AS ${name(column)} FROM (${inner}) WHERE $timeFilter${groupBy(grouping)}`;
}

function rowsText({ measurement, tags, fields, where, points }: RowsQuery): string {
  const filters = ['$timeFilter', ...where.map(condition)].join(' AND ');
  if ('all' in points) {
    const columns = [...tags, ...fields].map(name).join(', ');
    return `SELECT ${columns} FROM ${name(measurement)} WHERE ${filters} ORDER BY time DESC LIMIT ${points.all}`;
  }
  const flag = name(points.newestWhere);
  const others = fields.filter((field) => field !== points.newestWhere).map(name);
  const inner = `SELECT ${[`last(${flag}) AS ${flag}`, ...others].join(', ')} FROM ${name(measurement)} WHERE ${filters} GROUP BY *`;
  return `SELECT ${[...tags.map(name), ...others].join(', ')} FROM (${inner}) WHERE ${flag} = 1`;
}

function select({ measurement, where }: Query, what: string, grouping: readonly string[], fill?: 'none' | '0'): string {
  const filters = ['$timeFilter', ...where.map(condition)].join(' AND ');
  const filled = fill === undefined ? '' : ` fill(${fill})`;
  return `SELECT ${what} FROM ${name(measurement)} WHERE ${filters}${groupBy(grouping)}${filled}`;
}

function groupBy(grouping: readonly string[]): string {
  return grouping.length === 0 ? '' : ` GROUP BY ${grouping.join(', ')}`;
}

function reduced({ field, reduce, complement }: Query): string {
  const value = `${INFLUX_FUNCTIONS[reduce]}(${name(field)})`;
  return complement ? `100 - ${value}` : value;
}

function condition(filter: TagFilter): string {
  if ('is' in filter) return `${name(filter.tag)} = ${text(filter.is)}`;
  if ('not' in filter) return `${name(filter.tag)} != ${text(filter.not)}`;
  return `${name(filter.tag)} =~ /^$${filter.variable}$/`;
}

function target(refId: string, query: string, resultFormat: InfluxqlTarget['resultFormat']): InfluxqlTarget {
  return { refId, datasource, query, rawQuery: true, resultFormat };
}

function name(identifier: string): string {
  return `"${identifier.replaceAll(/["\\]/g, '\\$&')}"`;
}

function text(value: string): string {
  return `'${value.replaceAll(/['\\]/g, '\\$&')}'`;
}
