/** What is known of a run of numbers without the numbers. */
import { decimalPlaces, scaled, POWERS } from './codec/decimal.ts';

export interface Summary {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  /** Of decimals the decimal sum: 0.1 + 0.2 is 0.3. */
  readonly sum: number;
  readonly first: number;
  readonly last: number;
  /** No value is smaller than the one before: a counter that was not reset. */
  readonly isRising: boolean;
}

/** @param values at least one, in the order of time @param places decimal places, if they are known */
export function summarize(values: Float64Array, places = decimalPlaces(values)): Summary {
  const first = values[0] ?? 0;
  let [min, max, sum, last, isRising] = [first, first, 0, first, true];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
    if (value < last) isRising = false;
    sum += value;
    last = value;
  }
  return { count: values.length, min, max, sum: rounded(sum, places), first, last, isRising };
}

/** Removes the binary error of a sum, as long as a double can express the decimal. */
function rounded(sum: number, places: number | undefined): number {
  if (places === undefined) return sum;
  const whole = scaled(sum, places);
  return Number.isSafeInteger(whole) ? whole / (POWERS[places] ?? 1) : sum;
}
