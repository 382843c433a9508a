import type { FieldValue } from '../metric.ts';
import { BACKSLASH, LOWER_I, QUOTE } from './ascii.ts';
import { escapeString } from './escape.ts';
import { plainDecimal, writeInteger, writeShortFloat } from './number-writer.ts';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** Maximum length of a number: 5e-324 and its neighbours take 325 decimals plus 17 digits, the largest doubles 309 digits. */
const MAX_NUMBER = 352;

/** Maximum bytes that `writeValue` needs: up to three for a UTF-16 unit; an escaped one is ASCII and takes two. */
export function valueRoom(value: FieldValue | undefined): number {
  return typeof value === 'string' ? 3 * value.length + 2 : MAX_NUMBER;
}

/**
 * Writes a field value at `at`. Integers are clamped to 64 bits.
 *
 * @returns the position after it, or -1 for a number that is not finite
 */
export function writeValue(out: DataView, at: number, value: FieldValue | undefined): number {
  if (typeof value === 'number') return writeFloat(out, at, value);
  if (typeof value === 'bigint') return writeBigInt(out, at, value);
  if (typeof value === 'string') return writeString(out, at, value);
  return value === undefined ? -1 : writeAscii(out, at, value ? 'true' : 'false');
}

function writeFloat(out: DataView, at: number, value: number): number {
  const end = writeShortFloat(out, at, value);
  if (end >= 0) return end;
  return Number.isFinite(value) ? writeAscii(out, at, plainDecimal(value)) : -1;
}

/** Storing a bigint into a typed array and reading its halves takes a tenth of the time of `Number(value)`. */
const whole = new BigInt64Array(1);
const lowHalf = new Uint32Array(whole.buffer);
const highHalf = new Int32Array(whole.buffer);
const HIGH = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

function writeBigInt(out: DataView, at: number, value: bigint): number {
  whole[0] = value;
  const near = (highHalf[HIGH] ?? 0) * 2 ** 32 + (lowHalf[1 - HIGH] ?? 0);
  const isExact = Number.isSafeInteger(near) && BigInt.asIntN(64, value) === value;
  const end = isExact ? writeInteger(out, at, near) : writeAscii(out, at, String(clamp(value)));
  out.setUint8(end, LOWER_I);
  return end + 1;
}

function clamp(value: bigint): bigint {
  return value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : value;
}

function writeString(out: DataView, start: number, value: string): number {
  let at = start;
  out.setUint8(at++, QUOTE);
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code > 0x7f) return start + Buffer.from(out.buffer).write(`"${escapeString(value)}"`, start);
    if (code === QUOTE || code === BACKSLASH) out.setUint8(at++, BACKSLASH);
    out.setUint8(at++, code);
  }
  out.setUint8(at++, QUOTE);
  return at;
}

/** For short texts: the loop is faster than a call into the runtime. */
function writeAscii(out: DataView, at: number, text: string): number {
  const { length } = text;
  for (let i = 0; i < length; i += 1) out.setUint8(at + i, text.charCodeAt(i));
  return at + length;
}
