import { DOT, isDigit, LOWER_E, LOWER_I, LOWER_U, MINUS, PLUS, ZERO } from './ascii.ts';

/** Integers of up to 15 digits and powers of ten up to 10^22 are exact doubles, so their quotient is rounded only once. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/**
 * Reads one number from bytes and holds the result until the next `read`: allocating an object per number would cost more
 * than reading it.
 */
export class NumberReader {
  /** `int` has the suffix `i`, `uint` the suffix `u`. */
  kind: 'float' | 'int' | 'uint' = 'float';
  /** Position after the number, suffix included; after a failure, the offending byte. */
  end = 0;
  /** The nearest double; infinite beyond the range of doubles. */
  value = 0;
  /** False if `value` may have been rounded. */
  isExact = true;
  #start = 0;
  #mantissa = 0;

  /** Leading zeros are read as InfluxDB reads them. @returns false if there is no valid number at `start` (also `42E`, `-1u`) */
  read(bytes: Buffer, start: number): boolean {
    const isNegative = bytes[start] === MINUS;
    const first = isNegative ? start + 1 : start;
    this.#start = start;
    this.#mantissa = 0;
    const wholeEnd = this.#digits(bytes, first);
    const next = bytes[wholeEnd];
    if (next === LOWER_I || next === LOWER_U) {
      this.kind = next === LOWER_I ? 'int' : 'uint';
      return this.#wholeNumber(bytes, wholeEnd, first, isNegative);
    }
    this.kind = 'float';
    return this.#decimal(bytes, wholeEnd, first, isNegative);
  }

  /**
   * The exact value of the integer that was read last.
   *
   * @returns undefined if it does not fit in 64 bits
   */
  integer(bytes: Buffer): bigint | undefined {
    if (this.isExact) return BigInt(this.value);
    const isNegative = bytes[this.#start] === MINUS;
    let first = isNegative ? this.#start + 1 : this.#start;
    while (bytes[first] === ZERO) first += 1;
    // Longer text is out of range, and converting it takes more than linear time.
    if (this.end - first > 21) return undefined;
    const magnitude = BigInt(bytes.toString('latin1', first, this.end - 1));
    const exact = isNegative ? -magnitude : magnitude;
    const fitting = this.kind === 'int' ? BigInt.asIntN(64, exact) : BigInt.asUintN(64, exact);
    return fitting === exact ? exact : undefined;
  }

  /** Appends the digits at `start` to the mantissa. @returns the position after them */
  #digits(bytes: Buffer, start: number): number {
    let mantissa = this.#mantissa;
    let at = start;
    for (; ; at += 1) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      mantissa = mantissa * 10 + digit;
    }
    this.#mantissa = mantissa;
    return at;
  }

  #wholeNumber(bytes: Buffer, end: number, first: number, isNegative: boolean): boolean {
    this.end = end + 1;
    this.isExact = end - first <= EXACT_DIGITS;
    const magnitude = this.isExact ? this.#mantissa : Number(bytes.toString('latin1', first, end));
    this.value = isNegative ? -magnitude : magnitude;
    return end > first && !(isNegative && this.kind === 'uint');
  }

  #decimal(bytes: Buffer, wholeEnd: number, first: number, isNegative: boolean): boolean {
    const hasPoint = bytes[wholeEnd] === DOT;
    const end = hasPoint ? this.#digits(bytes, wholeEnd + 1) : wholeEnd;
    const decimals = hasPoint ? end - wholeEnd - 1 : 0;
    const digits = wholeEnd - first + decimals;
    this.end = end;
    if (digits === 0) return false;
    if (((bytes[end] ?? 0) | 0x20) === LOWER_E) return this.#exponent(bytes, end);
    this.isExact = digits <= EXACT_DIGITS;
    const magnitude = this.isExact
      ? this.#mantissa / (POWERS_OF_TEN[decimals] ?? 1)
      : Number(bytes.toString('latin1', first, end));
    this.value = isNegative ? -magnitude : magnitude;
    return true;
  }

  /** @param at the `e` */
  #exponent(bytes: Buffer, at: number): boolean {
    const isSigned = bytes[at + 1] === MINUS || bytes[at + 1] === PLUS;
    const first = isSigned ? at + 2 : at + 1;
    let end = first;
    while (isDigit(bytes[end])) end += 1;
    this.end = end;
    if (end === first) return false;
    this.isExact = false;
    this.value = Number(bytes.toString('latin1', this.#start, end));
    return true;
  }
}
