import type { NewestQuery, Query, Reduction, RowsQuery, TagFilter } from '../query.ts';
import type { Annotation, DataSourceRef, Target, Variable } from '../dashboard-json.ts';

export const SOURCES = ['influxql', 'flux', 'promql'] as const;
export type Source = (typeof SOURCES)[number];

/** A query for the values of a tag, for a variable. */
export interface TagValues {
  readonly measurement: string;
  /** Needed for Prometheus, which has metrics per field, not per measurement. */
  readonly field: string;
  readonly tag: string;
  readonly where: readonly TagFilter[];
}

export interface AbsenceQuery {
  readonly target: Target;
  /** Condition on the last value of a host that stopped reporting. */
  readonly isAbsent: { readonly type: 'gt' | 'lt'; readonly params: readonly [number] };
}

/** Writes queries in one query language. */
export interface Writer {
  readonly source: Source;
  /** Name in titles. */
  readonly title: string;
  /** Grafana's name of the data source plugin. */
  readonly plugin: 'influxdb' | 'prometheus';
  /** A query over time. Series are named by the tags in `by`, followed by `label`. */
  series(query: Query, refId: string, label: string): Target;
  /** A table with one row for each combination of the tags in `by`: the tag columns, and the newest value as `column`. */
  latest(query: NewestQuery, refId: string, column: string): Target;
  /** As `latest`, but with the time of the newest point instead of its value. */
  lastSeen(query: NewestQuery, refId: string, column: string): Target;
  /** Name in the answer of the column that `lastSeen` returns. */
  seenColumn(refId: string, column: string): string;
  /** Finds hosts that reported in the time range, but not in its last `minutes`. */
  absence(query: NewestQuery, refId: string, minutes: number): AbsenceQuery;
  /** Whether the data source stores text fields. */
  readonly hasText: boolean;
  /** Raw points; empty if the data source has no text. */
  rows(query: RowsQuery, refId: string): readonly Target[];
  /** Name in the answer of the column that `latest` returns. */
  columnName(refId: string, column: string): string;
  /** Display name of a series, for data sources that cannot set it in the query. */
  displayName(by: readonly string[], label: string): string | undefined;
  tagValues(values: TagValues): string | { readonly query: string; readonly refId: string };
  /** Variables that the queries need in addition to those of the dashboard. */
  readonly variables: readonly Variable[];
  alertAnnotation(where: readonly TagFilter[]): Annotation;
}

/** The data source that is selected in the dashboard. */
export function selectedDataSource(plugin: Writer['plugin']): DataSourceRef {
  return { type: plugin, uid: '${datasource}' };
}

/** Aggregate functions of InfluxQL and Flux. A rate is the mean of the rates between points. */
export const INFLUX_FUNCTIONS: Readonly<Record<Reduction, string>> = {
  mean: 'mean',
  last: 'last',
  now: 'last',
  max: 'max',
  rate: 'mean',
};

/** Marks the start and end of alerts. */
export const ALERT_ANNOTATION = {
  name: 'Alerts',
  enable: true,
  hide: false,
  iconColor: 'orange',
} as const;
