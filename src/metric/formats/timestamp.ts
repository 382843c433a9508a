/** Precision of times in JSON and CSV. */
export const TIMESTAMP_UNITS = ['1s', '1ms', '1us', '1ns'] as const;

export type TimestampUnits = (typeof TIMESTAMP_UNITS)[number];

const NANOSECONDS: Readonly<Record<TimestampUnits, bigint>> = {
  '1s': 1_000_000_000n,
  '1ms': 1_000_000n,
  '1us': 1_000n,
  '1ns': 1n,
};

const FRACTION_DIGITS: Readonly<Record<TimestampUnits, number>> = { '1s': 0, '1ms': 3, '1us': 6, '1ns': 9 };

/**
 * A count of units since the Unix epoch, rounded down.
 *
 * @param time nanoseconds
 */
export function unixTime(time: bigint, units: TimestampUnits): string {
  return floorDivide(time, NANOSECONDS[units]).toString();
}

/**
 * RFC 3339 in UTC, rounded down to the units: `2025-06-01T12:00:00.250Z` for `1ms`.
 *
 * @param time nanoseconds; 64 bits cover the years 1677 to 2262
 */
export function rfc3339(time: bigint, units: TimestampUnits): string {
  const seconds = floorDivide(time, NANOSECONDS['1s']);
  const date = new Date(Number(seconds) * 1000).toISOString().slice(0, -'.000Z'.length);
  const digits = FRACTION_DIGITS[units];
  if (digits === 0) return `${date}Z`;
  const fraction = (time - seconds * NANOSECONDS['1s']).toString().padStart(9, '0');
  return `${date}.${fraction.slice(0, digits)}Z`;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}
