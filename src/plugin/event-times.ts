/**
 * Gives events that happen in the same millisecond times of their own, nanoseconds apart and in their order: of two points
 * with the same tags and the same time a database keeps one.
 *
 * @returns milliseconds → nanoseconds, both since the Unix epoch; a million of them in a row are different
 */
export function eventTimes(): (ms: number) => bigint {
  let count = 0n;
  return (ms) => {
    count = (count + 1n) % 1_000_000n;
    return BigInt(Math.floor(ms)) * 1_000_000n + count;
  };
}
