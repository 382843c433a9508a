/** Spans of time that the history is divided into, ms. They begin at multiples of their length since the Unix epoch (UTC). */
export const MINUTE_MS = 60_000;
export const QUARTER_MS = 900_000;
/** A raw block holds samples of one hour, until it is rolled up. */
export const HOUR_MS = 3_600_000;
/** Samples are rolled up when so many hours are over; then a raw block has all of them, and so has a block of minutes. */
export const SPAN_MS = 21_600_000;
export const DAY_MS = 86_400_000;
/** A block of quarters holds roll-ups of eight days. */
export const QUARTERS_MS = 691_200_000;

const NS_PER_MS = 1_000_000n;

/** The start of the span that a time is in. @param time and @param length in the same unit */
export function startOf(time: number, length: number): number {
  return Math.floor(time / length) * length;
}

/** Nanoseconds → milliseconds, rounded down also before 1970. */
export function toMs(ns: bigint): number {
  const ms = ns / NS_PER_MS;
  return Number(ns < 0n && ms * NS_PER_MS !== ns ? ms - 1n : ms);
}

/** Whole milliseconds → nanoseconds. */
export function toNs(ms: number): bigint {
  return BigInt(ms) * NS_PER_MS;
}
