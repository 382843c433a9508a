/** PromQL. A field is the metric `measurement_field`, with tags as labels. There are no text fields. */
import type { Combination, Query, Reduction, TagFilter } from '../query.ts';
import type { PromqlTarget } from '../dashboard-json.ts';

import { ALERT_ANNOTATION, selectedDataSource, type Writer } from './writer.ts';

const datasource = selectedDataSource('prometheus');

export const promql: Writer = {
  source: 'promql',
  title: 'PromQL',
  plugin: 'prometheus',
  variables: [],
  series: (query, refId, label) => ({
    ...target(refId, seriesText(query)),
    legendFormat: [...query.by.map((tag) => `{{${labelName(tag)}}}`), label].join(' ').trim(),
  }),
  latest: (query, refId) => {
    const series = selector(query);
    return table(refId, combined(query, query.reduce === 'now' ? series : `last_over_time(${series}[$__range])`));
  },
  lastSeen: (query, refId) => {
    const time = `timestamp(${selector(query)})`;
    // The subquery has steps of whole minutes: it misses the newest points, and a host that has just started.
    const newest = `${time} or max_over_time(${time}[$__range:1m])`;
    return table(refId, `1000 * max by (${query.by.map(labelName).join(', ')}) (${newest})`);
  },
  seenColumn: (refId) => `Value #${refId}`,
  absence: (query, refId, minutes) => {
    const age = `time() - max by (${query.by.map(labelName).join(', ')}) (max_over_time(timestamp(${selector(query)})[1d:1m]))`;
    return { target: target(refId, age), isAbsent: { type: 'gt', params: [minutes * 60] } };
  },
  hasText: false,
  rows: () => [],
  columnName: (refId) => `Value #${refId}`,
  displayName: () => undefined,
  tagValues: ({ measurement, field, tag, where }) => ({
    query: `label_values(${selector({ measurement, field, where })}, ${labelName(tag)})`,
    refId: 'StandardVariableQuery',
  }),
  alertAnnotation: (where) => {
    const expr = `${selector({ measurement: 'healthd_alert', field: 'firing', where })} == 1`;
    return {
      ...ALERT_ANNOTATION,
      datasource,
      expr,
      step: '1m',
      titleFormat: '{{rule}}',
      textFormat: '{{level}} on {{host}}',
      tagKeys: 'host,rule,level',
      useValueForTime: false,
      target: { ...target('Anno', expr), legendFormat: '{{rule}}' },
    };
  },
};

export function seriesText(query: Query): string {
  const { reduce } = query;
  const value = selector(query);
  if (reduce === 'rate') return combined(query, `rate(${value}[$__rate_interval])`);
  return combined(query, reduce === 'max' ? `max_over_time(${value}[$__rate_interval])` : value);
}

/** If `by` identifies the series there is only one, and the operator does not matter. */
const DEFAULTS: Readonly<Record<Reduction, Combination>> = {
  mean: 'mean',
  last: 'max',
  now: 'max',
  max: 'max',
  rate: 'sum',
};

/** Aggregates away all other labels, so that a new label does not split a series. */
function combined({ reduce, across, by, complement }: Query, value: string): string {
  const combination = across ?? DEFAULTS[reduce];
  const operator = combination === 'mean' ? 'avg' : combination;
  const grouping = by.length === 0 ? '' : `by (${by.map(labelName).join(', ')}) `;
  return `${operator} ${grouping}(${complement ? `100 - ${value}` : value})`;
}

export function selector({ measurement, field, where }: Pick<Query, 'measurement' | 'field' | 'where'>): string {
  const matchers = where.map(matcher);
  const name = metricName(measurement, field);
  if (NAMELESS.has(field)) return `{${[`__name__=~"${metricName(measurement)}|${name}"`, ...matchers].join(', ')}}`;
  return name + (matchers.length === 0 ? '' : `{${matchers.join(', ')}}`);
}

/** Fields that the Prometheus outputs omit from the metric name, as Telegraf does; databases that ingest lines keep them. */
const NAMELESS = new Set(['value', 'counter', 'gauge']);

export function metricName(...parts: readonly string[]): string {
  return parts
    .join('_')
    .replaceAll(/[^a-zA-Z0-9_:]/g, '_')
    .replace(/^\d/, '_$&');
}

function labelName(tag: string): string {
  return tag.replaceAll(/[^a-zA-Z0-9_]/g, '_').replace(/^\d/, '_$&');
}

function matcher(filter: TagFilter): string {
  const label = labelName(filter.tag);
  if ('is' in filter) return `${label}=${JSON.stringify(filter.is)}`;
  if ('not' in filter) return `${label}!=${JSON.stringify(filter.not)}`;
  return `${label}=~"$${filter.variable}"`;
}

function target(refId: string, expr: string): PromqlTarget {
  return { refId, datasource, expr, editorMode: 'code', range: true, instant: false, format: 'time_series' };
}

function table(refId: string, expr: string): PromqlTarget {
  return { ...target(refId, expr), range: false, instant: true, format: 'table' };
}
