/** InfluxQL: InfluxDB 1, InfluxDB 2 with a DBRP mapping, InfluxDB 3. */
import type { Query, Reduction, RowsQuery, TagFilter } from '../query.ts';
import type { InfluxqlTarget } from '../schema.ts';

import { ALERT_ANNOTATION, chosenDataSource, type TagValues, type Writer } from './writer.ts';

const datasource = chosenDataSource('influxdb');

export const influxql: Writer = {
  source: 'influxql',
  title: 'InfluxQL',
  plugin: 'influxdb',
  variables: [],
  series: (query, refId, label) => ({
    ...target(refId, seriesText(query), 'time_series'),
    alias: [...query.by.map((tag) => `$tag_${tag}`), label].join(' ').trim(),
  }),
  latest: (query, refId, column) => target(refId, latestText(query, column), 'table'),
  // The time of the point that `last` selects is a column of its own.
  lastSeen: (query, refId, column) => target(refId, latestText(query, column), 'table'),
  silence: (query, refId, minutes) => {
    const counts = select(
      query,
      `count(${name(query.field)})`,
      [`time(${minutes}m)`, ...query.by.map(name)].join(', '),
    );
    const text = counts.replace('fill(none)', 'fill(0)');
    return { target: target(refId, text, 'time_series'), isSilent: { type: 'lt', params: [1] } };
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

/** Over time. */
export function seriesText(query: Query, step = '$__interval'): string {
  const { by, across } = query;
  const grouping = [`time(${step})`, ...by.map(name)].join(', ');
  if (across === undefined) return select(query, reduced(query, query.reduce), grouping);
  const inner = select(query, `${reduced(query, query.reduce)} AS "value"`, `time(${step}), *`);
  return `SELECT ${across}("value") FROM (${inner}) WHERE $timeFilter GROUP BY ${grouping} fill(none)`;
}

/** One row for each combination of tags, over the whole time range. */
function latestText(query: Query, column: string): string {
  const grouping = query.by.map(name).join(', ');
  const by = grouping === '' ? '' : ` GROUP BY ${grouping}`;
  if (query.reduce === 'rate') {
    const outer = query.across ?? 'last';
    const inner = select(
      query,
      `${reduced(query, 'rate')} AS "value"`,
      `time($__interval), ${query.across ? '*' : grouping}`,
    );
    const newest = query.across
      ? `SELECT last("value") AS "value" FROM (${inner}) WHERE $timeFilter GROUP BY *`
      : inner;
    return `SELECT ${outer}("value") AS ${name(column)} FROM (${newest}) WHERE $timeFilter${by}`;
  }
  if (query.across === undefined) return select(query, `${reduced(query, query.reduce)} AS ${name(column)}`, grouping);
  const inner = select(query, `${reduced(query, query.reduce)} AS "value"`, '*');
  return `SELECT ${query.across}("value") AS ${name(column)} FROM (${inner}) WHERE $timeFilter${by}`;
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

function select({ measurement, where }: Query, what: string, grouping: string): string {
  const filters = ['$timeFilter', ...where.map(condition)].join(' AND ');
  const groupBy = grouping === '' ? '' : ` GROUP BY ${grouping}`;
  const fill = grouping.startsWith('time(') ? ' fill(none)' : '';
  return `SELECT ${what} FROM ${name(measurement)} WHERE ${filters}${groupBy}${fill}`;
}

function reduced({ field, complement }: Query, reduce: Reduction): string {
  const FUNCTIONS = { mean: 'mean', last: 'last', now: 'last', max: 'max', rate: 'last' } as const;
  const reducedField = `${FUNCTIONS[reduce]}(${name(field)})`;
  const value = reduce === 'rate' ? `non_negative_derivative(${reducedField}, 1s)` : reducedField;
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
