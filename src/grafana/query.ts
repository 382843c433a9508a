/** What a panel asks for, in terms of measurements, fields and tags: no database is meant yet. */

/**
 * `rate` is the growth of a counter per second. `now` is `last`, but only of what is still reported, where the data source
 * knows (Prometheus); for what ends by being no longer reported.
 */
export type Reduction = 'mean' | 'last' | 'now' | 'max' | 'rate';
export type Combination = 'sum' | 'max' | 'mean';

export type TagFilter =
  | { readonly tag: string; readonly is: string }
  | { readonly tag: string; readonly not: string }
  /** Matches what is chosen in a variable of the dashboard, which may be several values. */
  | { readonly tag: string; readonly variable: string };

/** One series, or one number, for each combination of the tags in `by`. */
export interface Query {
  readonly measurement: string;
  readonly field: string;
  /** What becomes of the points of one series within a step. */
  readonly reduce: Reduction;
  /** What becomes of several series with the same tags in `by`. Not needed where there is only one. */
  readonly across?: Combination;
  readonly by: readonly string[];
  readonly where: readonly TagFilter[];
  /** 100 − value: what is busy, of what is idle. */
  readonly complement?: true;
}

/** One number for each combination of the tags in `by`: of the newest points in the time range. */
export interface NewestQuery extends Query {
  readonly reduce: 'last' | 'now';
}

/** Points as they are, their tags and fields beside one another. */
export interface RowsQuery {
  readonly measurement: string;
  /** Columns in their order; fields or tags. */
  readonly tags: readonly string[];
  readonly fields: readonly string[];
  readonly where: readonly TagFilter[];
  /** `all` points of the time range, the newest first; or the `newest` one of each series where the field is 1. */
  readonly points: { readonly all: number } | { readonly newestWhere: string };
}
