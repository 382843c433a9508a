/** The last hour of a value as a line of bars, and its scale, which a chart uses as well. */
import { formatValue, humanDuration } from '../message-text.ts';
import type { AlertView, Trend } from '../notification.ts';

const BARS = '▁▂▃▄▅▆▇█';
const MISSING = '·';

/** The least span of a scale, so that noise does not look like mountains: of a percentage, and of the highest value. */
const LEAST_PERCENT = 10;
const LEAST_SHARE = 0.1;

/** Lowest and highest value of a scale that includes all values. */
export function scaleOf(values: readonly number[], unit: string): readonly [low: number, high: number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const least = unit === 'percent' ? LEAST_PERCENT : Math.max(Math.abs(low), Math.abs(high)) * LEAST_SHARE || 1;
  const missing = Math.max(0, least - (high - low)) / 2;
  return [low - missing, high + missing];
}

/** One bar per value, `·` for a missing one; at most `width` bars. Empty without values. */
export function sparkline(trend: Trend, unit = '', width = 30): string {
  const values = condensed(trend.values, width);
  const known = knownOf(values);
  if (known.length === 0) return '';
  const [low, high] = scaleOf(known, unit);
  const bar = (value: number) => BARS[Math.round(((value - low) / (high - low)) * (BARS.length - 1))] ?? '';
  return values.map((value) => (value === null ? MISSING : bar(value))).join('');
}

/** `last hour, 38 % to 97 %`; undefined without values. */
export function trendText({ trend, unit }: Pick<AlertView, 'trend' | 'unit'>): string | undefined {
  const known = knownOf(trend?.values ?? []);
  if (trend === undefined || known.length === 0) return undefined;
  const [low, high] = [formatValue(Math.min(...known), unit), formatValue(Math.max(...known), unit)];
  return `last ${spanText(trend)}, ${low === high ? low : `${low} to ${high}`}`;
}

function spanText({ since, until }: Trend): string {
  return until - since > 55 * 60_000 ? 'hour' : humanDuration(until - since);
}

function knownOf(values: Trend['values']): readonly number[] {
  return values.filter((value) => value !== null);
}

/** Averages neighbours so that at most `width` values remain. */
function condensed(values: Trend['values'], width: number): Trend['values'] {
  if (values.length <= width) return values;
  return Array.from({ length: width }, (_, index) => {
    const from = Math.floor((index * values.length) / width);
    const to = Math.floor(((index + 1) * values.length) / width);
    const known = knownOf(values.slice(from, to));
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
}
