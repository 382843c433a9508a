/** PromQL. A field is a metric `measurement_field`, its tags are labels. There is no text, and no event. */
import type { Combination, Query, Reduction, TagFilter } from '../query.ts';
import type { PromqlTarget } from '../schema.ts';

import { ALERT_ANNOTATION, chosenDataSource, type Writer } from './writer.ts';

const datasource = chosenDataSource('prometheus');

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
    // The steps of a subquery are whole minutes: it does not see what came since, nor a host that has just begun.
    const newest = `${time} or max_over_time(${time}[$__range:1m])`;
    return table(refId, `1000 * max by (${query.by.map(labelName).join(', ')}) (${newest})`);
  },
  seenColumn: (refId) => `Value #${refId}`,
  silence: (query, refId, minutes) => {
    const age = `time() - max by (${query.by.map(labelName).join(', ')}) (max_over_time(timestamp(${selector(query)})[1d:1m]))`;
    return { target: target(refId, age), isSilent: { type: 'gt', params: [minutes * 60] } };
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

/** Where `by` says which series it is, there is one, and any of them would do. */
const DEFAULTS: Readonly<Record<Reduction, Combination>> = {
  mean: 'mean',
  last: 'max',
  now: 'max',
  max: 'max',
  rate: 'sum',
};

/** Labels that are not asked for are taken away, so that a new one does not break a line in two. */
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

/** Left out of the name by the outputs for Prometheus, as Telegraf does; but not by a database that takes lines. */
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
