/** MurmurHash2 with the seed of Kafka's Java client, so that all producers send a key to the same partition. */
const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** @returns 32 bits, unsigned */
export function murmur2(bytes: Uint8Array): number {
  let hash = SEED ^ bytes.length;
  const words = bytes.length - (bytes.length % 4);
  for (let at = 0; at < words; at += 4) {
    let word = Math.imul(littleEndian(bytes, at, 4), M);
    word ^= word >>> 24;
    hash = Math.imul(hash, M) ^ Math.imul(word, M);
  }
  if (words < bytes.length) hash = Math.imul(hash ^ littleEndian(bytes, words, bytes.length - words), M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** The partition of a key, as in the Java client. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

function littleEndian(bytes: Uint8Array, start: number, length: number): number {
  let word = 0;
  for (let index = 0; index < length; index += 1) word |= (bytes[start + index] ?? 0) << (8 * index);
  return word;
}
