/**
 * Decimal scaling. Agents round: `99.1234` is the integer 991234 divided by 10^4. Integers have small differences, whereas
 * the bits of neighbouring doubles have little in common.
 */

/** Largest number of decimal places. */
export const MAX_PLACES = 6;

/** Bound of scaled values and differences: with it, second differences stay exact in a double. */
export const LARGEST = 2 ** 49;

export const POWERS = Array.from({ length: MAX_PLACES + 1 }, (_, places) => 10 ** places);

/**
 * The number of decimal places with which every value is exact: dividing the scaled integer gives back the same double.
 * Undefined if there is none, for a negative zero, and for numbers that are not finite.
 */
export function decimalPlaces(values: Iterable<number>): number | undefined {
  let places = 0;
  for (const value of values) {
    while (!isExact(value, places)) {
      places += 1;
      if (places > MAX_PLACES) return undefined;
    }
  }
  // A value that needs few places may be too large for the places that another one needs.
  for (const value of values) if (!isExact(value, places)) return undefined;
  return places;
}

/** @returns a whole number */
export function scaled(value: number, places: number): number {
  return Math.round(value * (POWERS[places] ?? 1));
}

function isExact(value: number, places: number): boolean {
  const whole = scaled(value, places);
  return Math.abs(whole) <= LARGEST && whole / (POWERS[places] ?? 1) === value && !Object.is(value, -0);
}
