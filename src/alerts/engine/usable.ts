import type { FieldValue } from '../../metric/metric.ts';

/** What rules can judge; undefined for what is missing or not finite. An integer beyond 2^53 loses its last digits. */
export function usable(value: FieldValue | undefined): number | string | boolean | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint') return Number(value);
  // A field name such as `constructor` finds what every object has.
  return typeof value === 'string' || typeof value === 'boolean' ? value : undefined;
}
