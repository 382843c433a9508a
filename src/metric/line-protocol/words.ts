/**
 * Bytes that are written over and over are kept as words: a store of four bytes costs what one of a single byte does.
 * The last word is filled up with zeros, so a write of words goes beyond the end of the text; what follows overwrites it.
 */
export const WORD = 4;
/** So that this many words can be written without asking for the length, which few field keys exceed. */
const LEAST_WORDS = 4;

export function packWords(bytes: Uint8Array): Int32Array {
  const words = new Int32Array(Math.max(LEAST_WORDS, Math.ceil(bytes.length / WORD)));
  const view = new DataView(new ArrayBuffer(WORD * words.length));
  for (const [i, byte] of bytes.entries()) view.setUint8(i, byte);
  return words.map((_, i) => view.getInt32(WORD * i, true));
}

/**
 * @param words from `packWords`, or several such in one array
 * @param start index of the first word
 * @param length in bytes
 * @returns the position behind the bytes
 */
export function writeWords(out: DataView, at: number, words: Int32Array, start: number, length: number): number {
  out.setInt32(at, words[start] ?? 0, true);
  out.setInt32(at + 4, words[start + 1] ?? 0, true);
  out.setInt32(at + 8, words[start + 2] ?? 0, true);
  out.setInt32(at + 12, words[start + 3] ?? 0, true);
  for (let i = WORD * LEAST_WORDS; i < length; i += WORD) out.setInt32(at + i, words[start + (i >> 2)] ?? 0, true);
  return at + length;
}
