/** The statistics of one field in one window, and the names under which they are reported. */
import type { FieldValue } from '../../plugin/index.ts';

import type { Summary } from './summary.ts';

const PERCENTILE = /^p(\d{1,2}(?:\.\d+)?|100)$/;

const NAMED = {
  min: (values) => values.min,
  max: (values) => values.max,
  sum: (values) => values.sum,
  count: (values) => BigInt(values.count),
  mean: (values) => values.mean,
  stdev: (values) => values.deviation,
} as const satisfies Readonly<Record<string, Statistic>>;

/** Returns undefined if the statistic is not defined: one value has no deviation. */
export type Statistic = (values: Summary) => FieldValue | undefined;

export interface NamedStatistic {
  /** Appended to the name of the field. */
  readonly suffix: string;
  readonly of: Statistic;
}

export function isStatistic(name: string): boolean {
  return Object.hasOwn(NAMED, name) || PERCENTILE.test(name);
}

export function isPercentile(name: string): boolean {
  return PERCENTILE.test(name);
}

/** @param name one that `isStatistic` accepts */
export function statistic(name: string): NamedStatistic {
  const suffix = `_${name}`;
  if (Object.hasOwn(NAMED, name)) return { suffix, of: NAMED[name as keyof typeof NAMED] };
  const fraction = Number(name.slice(1)) / 100;
  return { suffix, of: (values) => values.percentile(fraction) };
}
