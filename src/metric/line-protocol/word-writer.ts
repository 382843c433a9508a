/**
 * Text that is written repeatedly is kept as 32-bit words, because storing four bytes costs as much as storing one. The last
 * word is padded with zeros, so writing words goes past the end of the text; the next write overwrites the padding.
 */
export const WORD = 4;
/** Padded to this many words, which cover most field keys, so that the first ones are written without a loop. */
const MIN_WORDS = 4;

export function packWords(bytes: Uint8Array): Int32Array {
  const words = new Int32Array(Math.max(MIN_WORDS, Math.ceil(bytes.length / WORD)));
  const view = new DataView(new ArrayBuffer(WORD * words.length));
  for (const [i, byte] of bytes.entries()) view.setUint8(i, byte);
  return words.map((_, i) => view.getInt32(WORD * i, true));
}

/**
 * @param words from `packWords`, or several of them in one array
 * @param start index of the first word
 * @param length in bytes
 * @returns the position after the bytes
 */
export function writeWords(out: DataView, at: number, words: Int32Array, start: number, length: number): number {
  out.setInt32(at, words[start] ?? 0, true);
  out.setInt32(at + 4, words[start + 1] ?? 0, true);
  out.setInt32(at + 8, words[start + 2] ?? 0, true);
  out.setInt32(at + 12, words[start + 3] ?? 0, true);
  for (let i = WORD * MIN_WORDS; i < length; i += WORD) out.setInt32(at + i, words[start + (i >> 2)] ?? 0, true);
  return at + length;
}
