/** What a rule compares with its limits, where a chart can show it: the values of one field. */
import type { Plan } from './plan.ts';
import type { Compared } from './rule.ts';
import type { RuleConfig } from './schema.ts';
import type { WindowFunction } from './sample-windows/functions.ts';

/** Of windows whose result has the unit and about the size of their samples. */
const SAME_SIZE: ReadonlySet<WindowFunction> = new Set(['mean', 'min', 'max', 'last', 'p95']);

const SUBTRACTION = /^\s*(\d+(?:\.\d+)?)\s*-\s*value\s*$/;

/** @returns undefined for a rule without limits, or with a calculation or baseline that no series shows */
export function comparedOf({ baseline, calc, window }: RuleConfig, { metric, direction }: Plan): Compared | undefined {
  if (metric === undefined || direction === undefined || baseline !== undefined) return undefined;
  const { measurement, field } = metric;
  const fn = window?.fn ?? 'last';
  if (fn === 'rate') return calc === undefined ? { measurement, field, isRate: true, from: undefined } : undefined;
  if (!SAME_SIZE.has(fn)) return undefined;
  if (calc === undefined) return { measurement, field, isRate: false, from: undefined };
  const from = SUBTRACTION.exec(calc)?.[1];
  return from === undefined ? undefined : { measurement, field, isRate: false, from: Number(from) };
}
