const AT_NULL = 0n;
const AT_PAGESZ = 6n;

/** Page size of nearly every kernel; Telegraf always assumes it. */
export const DEFAULT_PAGE_SIZE = 4096;

/** Layout of the vector: size of an `unsigned long` in bytes, and byte order. */
export interface WordLayout {
  readonly size: 4 | 8;
  readonly endianness: 'LE' | 'BE';
}

/**
 * The page size in bytes from /proc/self/auxv, the vector of (type, value) pairs that the kernel passes to a program
 * (getauxval(3)). No text file under /proc has it, and `getconf` would be a child process.
 *
 * @returns undefined if the vector has no valid page size
 */
export function parsePageSize(auxv: Uint8Array, { size, endianness }: WordLayout): number | undefined {
  const view = new DataView(auxv.buffer, auxv.byteOffset, auxv.byteLength);
  const little = endianness === 'LE';
  const word = (at: number) => (size === 8 ? view.getBigUint64(at, little) : BigInt(view.getUint32(at, little)));
  for (let at = 0; at + 2 * size <= auxv.byteLength; at += 2 * size) {
    const type = word(at);
    if (type === AT_NULL) return undefined;
    if (type === AT_PAGESZ) return plausible(Number(word(at + size)));
  }
  return undefined;
}

/** Page sizes are powers of two; Linux uses 4 KiB to 256 KiB, and 1 MiB leaves room. */
function plausible(size: number): number | undefined {
  return size >= 1024 && size <= 2 ** 20 && Number.isInteger(Math.log2(size)) ? size : undefined;
}
