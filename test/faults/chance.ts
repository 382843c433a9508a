import { createHash } from 'node:crypto';

/** @returns a generator of numbers in [0, 1), the same for the same seed */
export function chance(seed: string): () => number {
  let drawn = 0;
  return () => {
    drawn += 1;
    return createHash('sha256').update(`${seed} ${drawn}`).digest().readUInt32LE() / 2 ** 32;
  };
}
