/**
 * Signed 64-bit integers as doubles and back. By their two halves, which are in memory in little-endian order on every platform of
 * Node: a BigInt for each value takes ten times as long.
 */
const HALF = 2 ** 32;

/** Rounded beyond 2^53. */
export function toDoubles(values: BigInt64Array): Float64Array {
  return differencesTo(values, 0n);
}

/** values − base; rounded beyond 2^53. */
export function differencesTo(values: BigInt64Array, base: bigint): Float64Array {
  const [lowest, highest] = [Number(BigInt.asUintN(32, base)), Number(base >> 32n)];
  const halves = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  const differences = new Float64Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const [low, high] = [halves[2 * index] ?? 0, (halves[2 * index + 1] ?? 0) | 0];
    differences[index] = (high - highest) * HALF + (low - lowest);
  }
  return differences;
}

/** base + step × k, which is less than 2^53 from the base. What is beyond 64 bits is cut off. */
export function onLine(base: bigint, step: number, k: Float64Array): BigInt64Array {
  const [lowest, highest] = [Number(BigInt.asUintN(32, base)), Number(base >> 32n)];
  const halves = new Uint32Array(2 * k.length);
  for (let index = 0; index < k.length; index += 1) {
    const low = lowest + (k[index] ?? 0) * step;
    halves[2 * index] = low;
    halves[2 * index + 1] = highest + Math.floor(low / HALF);
  }
  return new BigInt64Array(halves.buffer);
}
