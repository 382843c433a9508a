import type { NewestQuery, Query, Reduction, RowsQuery, TagFilter } from '../query.ts';
import type { Annotation, DataSourceRef, Target, Variable } from '../schema.ts';

export const SOURCES = ['influxql', 'flux', 'promql'] as const;
export type Source = (typeof SOURCES)[number];

/** Values of a tag, for a variable. */
export interface TagValues {
  readonly measurement: string;
  /** Prometheus has no measurements, only their fields. */
  readonly field: string;
  readonly tag: string;
  readonly where: readonly TagFilter[];
}

export interface SilenceQuestion {
  readonly target: Target;
  readonly isSilent: { readonly type: 'gt' | 'lt'; readonly params: readonly [number] };
}

/** Writes queries in the language of one kind of data source. */
export interface Writer {
  readonly source: Source;
  /** How it is called in titles. */
  readonly title: string;
  /** Grafana's name of the data source plugin. */
  readonly plugin: 'influxdb' | 'prometheus';
  /** Queries over time; `label` names the series after the tags in `by`. */
  series(query: Query, refId: string, label: string): Target;
  /** One number for each combination of the tags: a row of a table, with the columns of the tags and one called `column`. */
  latest(query: NewestQuery, refId: string, column: string): Target;
  /** As `latest`, but with the time of the newest point. */
  lastSeen(query: NewestQuery, refId: string, column: string): Target;
  /** How the column of that time is called in the answer. */
  seenColumn(refId: string, column: string): string;
  /** Which hosts have reported in the time range, but not in its last minutes; and by which last values that is seen. */
  silence(query: NewestQuery, refId: string, minutes: number): SilenceQuestion;
  /** Whether texts are stored at all. */
  readonly hasText: boolean;
  /** Empty without text. */
  rows(query: RowsQuery, refId: string): readonly Target[];
  /** How the column of `latest` is called in the answer. */
  columnName(refId: string, column: string): string;
  /** Grafana's name of a series, for data sources that cannot name it in the query. */
  displayName(by: readonly string[], label: string): string | undefined;
  tagValues(values: TagValues): string | { readonly query: string; readonly refId: string };
  /** Variables that the queries need beside those of the dashboard. */
  readonly variables: readonly Variable[];
  alertAnnotation(where: readonly TagFilter[]): Annotation;
}

/** The one that is chosen in the dashboard. */
export function chosenDataSource(plugin: Writer['plugin']): DataSourceRef {
  return { type: plugin, uid: '${datasource}' };
}

/** InfluxQL and Flux have the same names. A rate is made of the last values of steps. */
export const INFLUX_FUNCTIONS: Readonly<Record<Reduction, string>> = {
  mean: 'mean',
  last: 'last',
  now: 'last',
  max: 'max',
  rate: 'last',
};

/** Marks of alerts that begin and end. */
export const ALERT_ANNOTATION = {
  name: 'Alerts',
  enable: true,
  hide: false,
  iconColor: 'orange',
} as const;
