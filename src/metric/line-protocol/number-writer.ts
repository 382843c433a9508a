/**
 * Numbers as ASCII bytes. The engine's shortest-round-trip formatting takes 100 to 150 ns and allocates a string. Nearly all
 * numbers of a monitoring agent are integers or have few decimals, and those take a tenth of that here.
 *
 * Every function writes at `at` and returns the position after the last byte. Digits are written four at a time, so up to
 * three bytes after that position are overwritten; the caller reserves room for them.
 */
import { DOT, MINUS, ZERO } from './ascii.ts';

/** `0000` to `9999`, the first digit in the lowest byte: one division and one store for four digits. */
const QUADS = Int32Array.from({ length: 10_000 }, (_, i) => pair(Math.floor(i / 100)) | (pair(i % 100) << 16));
/** `0000`: XOR with it leaves bits only where digits are not zero. */
const ZEROS = 0x30303030;

/** @param value a safe integer */
export function writeInteger(out: DataView, at: number, value: number): number {
  if (value < 0) {
    out.setUint8(at, MINUS);
    return writeInteger(out, at + 1, -value);
  }
  if (value < 1e8) return writeSmall(out, at, value | 0);
  // Both halves fit in 31 bits, where division is cheap: 2^53 / 10^8 is below 10^8.
  const high = Math.floor(value / 1e8);
  const next = writeSmall(out, at, high | 0);
  const low = (value - high * 1e8) | 0;
  const upper = (low / 1e4) | 0;
  out.setInt32(next, QUADS[upper] ?? 0, true);
  out.setInt32(next + 4, QUADS[low - upper * 1e4] ?? 0, true);
  return next + 8;
}

const SCALE = 1e4;

/**
 * Writes a finite number with at most four decimals, the precision to which derived values are rounded.
 *
 * The quotient of two exact integers is correctly rounded, so `scaled / SCALE === value` proves that the decimal reads
 * back as the same number; only one decimal of at most 15 digits can, so it is also the shortest.
 *
 * @returns -1 for a number that needs more decimals; bytes from `at` on are then undefined
 */
export function writeShortFloat(out: DataView, at: number, value: number): number {
  if (Number.isSafeInteger(value)) {
    if (value !== 0 || 1 / value > 0) return writeInteger(out, at, value);
    out.setUint8(at, MINUS);
    out.setUint8(at + 1, ZERO);
    return at + 2;
  }
  const magnitude = Math.abs(value);
  const scaled = Math.round(magnitude * SCALE);
  if (!(magnitude < 2 ** 31) || scaled / SCALE !== magnitude) return -1;

  const whole = magnitude | 0;
  out.setUint8(at, MINUS);
  const point = writeInteger(out, value < 0 ? at + 1 : at, whole);
  const decimals = QUADS[(scaled - whole * SCALE) | 0] ?? 0;
  out.setUint8(point, DOT);
  out.setInt32(point + 1, decimals, true);
  return point + 5 - (Math.clz32(decimals ^ ZEROS) >> 3);
}

/** The shortest decimal that reads back as the same number, never with an exponent: Telegraf writes none. */
export function plainDecimal(value: number): string {
  const text = String(value);
  const [, sign = '', whole = '', fraction = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const shift = Number(exponent);
  const digits = whole + fraction;
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${digits}`;
  return sign + digits.padEnd(shift + 1, '0');
}

/** @param value at least 0, below 10^8 */
function writeSmall(out: DataView, at: number, value: number): number {
  if (value < 1e4) return writeLeading(out, at, value);
  const high = (value / 1e4) | 0;
  const next = writeLeading(out, at, high);
  out.setInt32(next, QUADS[value - high * 1e4] ?? 0, true);
  return next + 4;
}

/**
 * Branch-free, because the length of a number is hard to predict: shifts the leading zeros, which are the low bytes, out of
 * the word. Setting a bit of the last digit keeps the 0 of the number 0.
 *
 * @param value at least 0, below 10^4
 */
function writeLeading(out: DataView, at: number, value: number): number {
  const digits = QUADS[value] ?? 0;
  const significant = (digits ^ ZEROS) | 0x01000000;
  const zeroBits = (31 - Math.clz32(significant & -significant)) & 24;
  out.setInt32(at, digits >>> zeroBits, true);
  return at + 4 - (zeroBits >> 3);
}

/** Two digits as two bytes. @param value below 100 */
function pair(value: number): number {
  return (ZERO + Math.floor(value / 10)) | ((ZERO + (value % 10)) << 8);
}
