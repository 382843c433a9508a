/**
 * Numbers as ASCII bytes. The engine's own shortest-round-trip printing takes 100 to 150 ns and makes a string; nearly
 * all numbers of a monitoring agent are integers or have few decimals, and those take a tenth of it here.
 *
 * Every function writes at `at`, where the caller has made room, and returns the position behind the last byte.
 */
import { DOT, MINUS, ZERO } from './ascii.ts';

/** `00` to `99` in one table: one division for two digits. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10));

/** @param value a safe integer */
export function writeInteger(out: Uint8Array, at: number, value: number): number {
  if (value < 0) {
    out[at] = MINUS;
    return writeInteger(out, at + 1, -value);
  }
  if (value < 2 ** 31) return writeDigits(out, at, value | 0, digitCount(value));
  // Both halves fit in 31 bits, where division is cheap: 2^53 / 10^8 is below 10^8.
  const high = Math.floor(value / 1e8);
  const next = writeDigits(out, at, high, digitCount(high));
  return writeDigits(out, next, (value - high * 1e8) | 0, 8);
}

const SCALE = 1e4;
const SCALE_DIGITS = 4;

/**
 * Writes a finite number with at most four decimals, to which derived values are rounded.
 *
 * The quotient of two exact integers is correctly rounded, so `scaled / SCALE === value` proves that the decimal reads
 * back as this very number; and of several decimals with at most 15 digits only one can, so it is also the shortest.
 *
 * @returns -1, with nothing of use written, for a number that needs more
 */
export function writeShortFloat(out: Uint8Array, at: number, value: number): number {
  if (Number.isSafeInteger(value)) {
    if (value !== 0 || 1 / value > 0) return writeInteger(out, at, value);
    out[at] = MINUS;
    out[at + 1] = ZERO;
    return at + 2;
  }
  const magnitude = Math.abs(value);
  const scaled = Math.round(magnitude * SCALE);
  if (magnitude >= 2 ** 31 || scaled / SCALE !== magnitude) return -1;

  const whole = magnitude | 0;
  let next = at;
  if (value < 0) out[next++] = MINUS;
  next = writeDigits(out, next, whole, digitCount(whole));
  out[next] = DOT;
  next = writeDigits(out, next + 1, (scaled - whole * SCALE) | 0, SCALE_DIGITS);
  while (out[next - 1] === ZERO) next -= 1;
  return next;
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

/** Exactly `width` digits, with leading zeros. @param value below 2^31 */
function writeDigits(out: Uint8Array, at: number, value: number, width: number): number {
  const end = at + width;
  let rest = value;
  let position = end;
  while (position - at >= 2) {
    const quotient = (rest / 100) | 0;
    const pair = (rest - quotient * 100) << 1;
    position -= 2;
    out[position] = PAIRS[pair] ?? ZERO;
    out[position + 1] = PAIRS[pair + 1] ?? ZERO;
    rest = quotient;
  }
  if (position > at) out[at] = ZERO + rest;
  return end;
}

/** A tree of comparisons is twice as fast as a loop, and this is asked for every number. @param value below 2^31 */
function digitCount(value: number): number {
  if (value < 1e4) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 1e8) return value < 1e6 ? (value < 1e5 ? 5 : 6) : value < 1e7 ? 7 : 8;
  return value < 1e9 ? 9 : 10;
}
