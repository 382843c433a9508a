/** Queries in terms of measurements, fields and tags, independent of the database. */

/**
 * `rate` is the increase of a counter per second. `now` is `last`, but skips series that are no longer reported, where the
 * data source can tell (Prometheus); for series that end by no longer being reported.
 */
export type Reduction = 'mean' | 'last' | 'now' | 'max' | 'rate';
export type Combination = 'sum' | 'max' | 'mean';

export type TagFilter =
  | { readonly tag: string; readonly is: string }
  | { readonly tag: string; readonly not: string }
  /** Matches the selection of a dashboard variable, which may be several values. */
  | { readonly tag: string; readonly variable: string };

/** A series, or a number, for each combination of the tags in `by`. */
export interface Query {
  readonly measurement: string;
  readonly field: string;
  /** Combines the points of one series within a step. */
  readonly reduce: Reduction;
  /** Combines series with equal tags in `by`. Not needed if there is only one. */
  readonly across?: Combination;
  readonly by: readonly string[];
  readonly where: readonly TagFilter[];
  /** Queries 100 − value: busy from idle. */
  readonly complement?: true;
}

/** The newest value in the time range for each combination of the tags in `by`. */
export interface NewestQuery extends Query {
  readonly reduce: 'last' | 'now';
}

/** Raw points, with tags and fields as columns. */
export interface RowsQuery {
  readonly measurement: string;
  /** Tag columns, followed by the field columns. */
  readonly tags: readonly string[];
  readonly fields: readonly string[];
  readonly where: readonly TagFilter[];
  /** `all`: at most so many points, newest first. `newestWhere`: the newest point of each series if that field is 1. */
  readonly points: { readonly all: number } | { readonly newestWhere: string };
}
