/**
 * 64-bit values that share no scale: each is XORed with the one before, then all first bytes are written, all second bytes,
 * and so on. Neighbours have the sign, the exponent and leading digits in common, so the first planes are mostly zeros.
 */
const BYTES = 8;

export function toPlanes(values: BigUint64Array): Uint8Array {
  const planes = new Uint8Array(values.length * BYTES);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  let [low, high] = [0, 0];
  for (let index = 0; index < values.length; index += 1) {
    const nextLow = words[index * 2] ?? 0;
    const nextHigh = words[index * 2 + 1] ?? 0;
    for (let byte = 0; byte < 4; byte += 1) {
      planes[byte * values.length + index] = (high ^ nextHigh) >>> (24 - 8 * byte);
      planes[(byte + 4) * values.length + index] = (low ^ nextLow) >>> (24 - 8 * byte);
    }
    [low, high] = [nextLow, nextHigh];
  }
  return planes;
}

/** @param planes of `count` values */
export function fromPlanes(planes: Uint8Array, count: number): BigUint64Array {
  const values = new BigUint64Array(count);
  readPlanes(planes, new Uint32Array(values.buffer));
  return values;
}

/** @param words the two halves of each value, filled here */
export function readPlanes(planes: Uint8Array, words: Uint32Array): void {
  const count = words.length / 2;
  let [low, high] = [0, 0];
  for (let index = 0; index < count; index += 1) {
    for (let byte = 0; byte < 4; byte += 1) {
      high ^= (planes[byte * count + index] ?? 0) << (24 - 8 * byte);
      low ^= (planes[(byte + 4) * count + index] ?? 0) << (24 - 8 * byte);
    }
    words[index * 2] = low;
    words[index * 2 + 1] = high;
  }
}

export const planeBytes = (count: number): number => count * BYTES;
