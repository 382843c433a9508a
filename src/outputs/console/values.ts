import { printable } from '../../plugin/index.ts';
import type { FieldValue } from '../../plugin/index.ts';

import type { Style } from './palette.ts';
import { shorten } from './cells.ts';

const INTEGER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const DECIMAL = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const MAX_TEXT_CELLS = 32;

/** Shown if a series does not have a field that other series of its measurement have. */
export const MISSING = '·';

/** For display: with thousands separators and at most two decimals. */
export function valueText(value: FieldValue | undefined): string {
  if (value === undefined) return MISSING;
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'bigint') return INTEGER.format(value);
  return typeof value === 'string' ? shorten(printable(value), MAX_TEXT_CELLS) : String(value);
}

function numberText(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(1);
  if (size < 0.005) return value.toPrecision(1);
  return DECIMAL.format(value);
}

/** Fill levels, for which a high value is a problem; not so for other percentages. */
const FILLING = /(^|_)used_percent$/;

export function valueStyle(field: string, value: FieldValue | undefined): Style | undefined {
  if (value === undefined || value === 0 || value === 0n) return 'quiet';
  if (!FILLING.test(field) || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (value >= 90) return 'alarm';
  return value >= 75 ? 'warning' : undefined;
}
