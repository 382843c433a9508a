/** Flux: InfluxDB 2. */
import type { NewestQuery, Query, RowsQuery, TagFilter } from '../query.ts';
import type { FluxTarget } from '../dashboard-json.ts';

import { ALERT_ANNOTATION, selectedDataSource, INFLUX_FUNCTIONS, type TagValues, type Writer } from './writer.ts';

const datasource = selectedDataSource('influxdb');
const BUCKET = '${bucket}';

export const flux: Writer = {
  source: 'flux',
  title: 'Flux',
  plugin: 'influxdb',
  // Dashboards cannot read the bucket from the data source.
  variables: [
    {
      type: 'textbox',
      name: 'bucket',
      label: 'Bucket',
      description: 'The bucket that healthd writes to',
      query: 'telegraf',
      current: { selected: true, text: 'telegraf', value: 'telegraf' },
      hide: 0,
    },
  ],
  series: (query, refId) => target(refId, seriesText(query)),
  latest: (query, refId, column) => target(refId, pipe(...newest(query), ...oneTable(query.by, column))),
  lastSeen: (query, refId, column) =>
    target(
      refId,
      pipe(
        ...newest(query),
        // Grafana's times are in milliseconds.
        'map(fn: (r) => ({r with _value: int(v: r._time) / 1000000}))',
        ...oneTable(query.by, column),
      ),
    ),
  absence: (query, refId, minutes) => {
    const age = pipe(
      ...newest(query),
      'map(fn: (r) => ({r with _value: float(v: int(v: now()) - int(v: r._time)) / 1000000000.0}))',
      `group(columns: ${list(query.by)})`,
      `keep(columns: ${list(['_time', '_value', ...query.by])})`,
    );
    return { target: target(refId, age), isAbsent: { type: 'gt', params: [minutes * 60] } };
  },
  seenColumn: (_, column) => column,
  hasText: true,
  rows: (query, refId) => [target(refId, rowsText(query))],
  columnName: (_, column) => column,
  displayName: (by, label) => [...by.map((tag) => `\${__field.labels.${tag}}`), label].join(' ').trim(),
  tagValues: tagValuesText,
  alertAnnotation: (where) => {
    const query = pipe(
      ...source('healthd_alert_event', where),
      'filter(fn: (r) => r._field == "message" and r.kind == "transition")',
      'group()',
      'keep(columns: ["_time", "_value", "host", "rule", "level"])',
      'rename(columns: {_value: "text", rule: "title"})',
    );
    return {
      ...ALERT_ANNOTATION,
      datasource,
      target: target('Anno', query),
      mappings: {
        time: { source: 'field', value: '_time' },
        title: { source: 'field', value: 'title' },
        text: { source: 'field', value: 'text' },
        tags: { source: 'field', value: 'level' },
      },
    };
  },
};

function seriesText(query: Query): string {
  const { by, reduce, across } = query;
  // Grafana names series by `_field`.
  const key = ['_field', ...by];
  const combine =
    across === undefined
      ? [`group(columns: ${list(key)})`]
      : [`group(columns: ${list(['_time', ...key])})`, `${across}()`, `group(columns: ${list(key)})`];
  return pipe(
    ...source(query.measurement, query.where),
    `filter(fn: (r) => r._field == ${text(query.field)})`,
    // Before the windows: a window that the end of the range cuts off has the time of the cut.
    ...(reduce === 'rate' ? ['derivative(unit: 1s, nonNegative: true)'] : []),
    `aggregateWindow(every: v.windowPeriod, fn: ${INFLUX_FUNCTIONS[reduce]}, createEmpty: false)`,
    ...complemented(query),
    ...combine,
    'sort(columns: ["_time"])',
    `keep(columns: ${list(['_time', '_value', ...key])})`,
  );
}

/** One row for each combination of tags, each in a Flux table of its own. */
function newest(query: NewestQuery): readonly string[] {
  const { by, across } = query;
  return [
    ...source(query.measurement, query.where),
    `filter(fn: (r) => r._field == ${text(query.field)})`,
    'last()',
    `group(columns: ${list(by)})`,
    // Series may differ in other tags: a container that was stopped or recreated is one row, with its newest value.
    ...(across === undefined ? ['sort(columns: ["_time"])', 'last()'] : [`${across}()`]),
    ...complemented(query),
  ];
}

function oneTable(by: readonly string[], column: string): readonly string[] {
  return ['group()', `keep(columns: ${list([...by, '_value'])})`, `rename(columns: {_value: ${text(column)}})`];
}

function rowsText({ measurement, tags, fields, where, points }: RowsQuery): string {
  const isAll = 'all' in points;
  return pipe(
    ...source(measurement, where, true),
    `filter(fn: (r) => ${fields.map((field) => `r._field == ${text(field)}`).join(' or ')})`,
    ...(isAll ? [] : ['last()']),
    'pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")',
    ...(isAll ? [] : [`filter(fn: (r) => r[${text(points.newestWhere)}] == 1)`]),
    'group()',
    ...(isAll ? ['sort(columns: ["_time"], desc: true)', `limit(n: ${points.all})`] : []),
    `keep(columns: ${list(['_time', ...tags, ...fields.filter((field) => isAll || field !== points.newestWhere)])})`,
  );
}

function tagValuesText({ measurement, tag, where }: TagValues): string {
  const conditions = matches(measurement, where);
  return [
    'import "influxdata/influxdb/schema"',
    `schema.tagValues(bucket: "${BUCKET}", tag: ${text(tag)}, predicate: (r) => ${conditions}, start: v.timeRangeStart)`,
  ].join('\n');
}

function source(measurement: string, where: readonly TagFilter[], mayMiss = false): readonly string[] {
  return [
    `from(bucket: "${BUCKET}")`,
    'range(start: v.timeRangeStart, stop: v.timeRangeStop)',
    `filter(fn: (r) => ${matches(measurement, where, mayMiss)})`,
  ];
}

/** @param mayMiss whether points may lack the tag, which then counts as empty; slower in InfluxDB */
function matches(measurement: string, where: readonly TagFilter[], mayMiss = false): string {
  const filters = where.map((filter) => condition(filter, mayMiss && filter.tag !== 'host'));
  return [`r._measurement == ${text(measurement)}`, ...filters].join(' and ');
}

function complemented({ complement }: Query): readonly string[] {
  return complement ? ['map(fn: (r) => ({r with _value: 100.0 - float(v: r._value)}))'] : [];
}

function condition(filter: TagFilter, mayMiss: boolean): string {
  const value = `r[${text(filter.tag)}]`;
  const tag = mayMiss ? `(if exists ${value} then ${value} else "")` : value;
  if ('is' in filter) return `${tag} == ${text(filter.is)}`;
  if ('not' in filter) return `${tag} != ${text(filter.not)}`;
  return `${tag} =~ /^\${${filter.variable}:regex}$/`;
}

function pipe(...steps: readonly string[]): string {
  return steps.join('\n  |> ');
}

function target(refId: string, query: string): FluxTarget {
  return { refId, datasource, query };
}

function list(names: readonly string[]): string {
  return `[${names.map(text).join(', ')}]`;
}

function text(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
