/** Shared context of all panels of one dashboard and data source; turns defined lines into queries. */
import type { MetricCatalog } from '../plugin/index.ts';

import { fieldFacts, hasTag, type FieldFacts } from './catalog.ts';
import type { DashboardDefinition, Line } from './definition.ts';
import type { NewestQuery, Query, TagFilter } from './query.ts';
import type { Writer } from './writers/writer.ts';

export interface Scope {
  readonly writer: Writer;
  readonly catalog: MetricCatalog;
  readonly variables: DashboardDefinition['variables'];
}

export function facts({ catalog }: Scope, field: string): FieldFacts {
  return fieldFacts(catalog, field);
}

export function queryOf(
  scope: Scope,
  { field: path, by = ['host'], where = [], reduce, across, complement }: Line,
): Query {
  const { measurement, field, isCounter } = facts(scope, path);
  return {
    measurement,
    field,
    reduce: reduce ?? (isCounter ? 'rate' : 'mean'),
    by,
    where: [...variableFilters(scope, measurement), ...where],
    ...(across === undefined ? {} : { across }),
    ...(complement === undefined ? {} : { complement }),
  };
}

/** For tables: the current value, also of counters. */
export function newestQueryOf(scope: Scope, line: Line): NewestQuery {
  return { ...queryOf(scope, line), reduce: line.reduce === 'now' ? 'now' : 'last' };
}

/** Filters for the variables whose tag this measurement has. */
export function variableFilters({ catalog, variables }: Scope, measurement: string): readonly TagFilter[] {
  return variables
    .filter(({ tag }) => hasTag(catalog, measurement, tag))
    .map(({ name, tag }) => ({ tag, variable: name }));
}

/** A, B, … Z, A1, B1, … */
export function refId(index: number): string {
  const round = Math.floor(index / 26);
  return `${String.fromCharCode(65 + (index % 26))}${round === 0 ? '' : round}`;
}
