import { readFileSync } from 'node:fs';

/** A_PAGESZ of getauxval(3). */
const PAGE_SIZE = 6n;
const USUAL = 4096;

/** The kernel tells it to each program in its auxiliary vector: pairs of machine words. Bytes. */
export function pageSize(): number {
  if (process.platform !== 'linux' || /^(?:arm|ia32|mips|mipsel|ppc|s390)$/.test(process.arch)) return USUAL;
  try {
    const words = new BigUint64Array(Uint8Array.from(readFileSync('/proc/self/auxv')).buffer);
    for (let index = 0; index + 1 < words.length; index += 2) {
      if (words[index] === PAGE_SIZE) return Number(words[index + 1]);
    }
  } catch {
    // procfs is not mounted: then nothing is counted in pages
  }
  return USUAL;
}
