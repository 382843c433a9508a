import { DOT, isDigit, LOWER_E, LOWER_I, LOWER_U, MINUS, PLUS, ZERO } from './ascii.ts';

/** Up to 15 digits an integer in a double is exact, and so is a power of ten up to 10^22: their quotient rounds once. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/**
 * Reads one number from bytes, and keeps what it found until the next one: an object for each number would cost more
 * than the reading.
 */
export class NumberReader {
  /** `int` has the suffix `i`, `uint` the suffix `u`. */
  kind: 'float' | 'int' | 'uint' = 'float';
  /** Behind the last byte of the number, suffix included; after a failure, where it stopped being one. */
  end = 0;
  /** The nearest double; infinite if there is none. */
  value = 0;
  /** False if `value` may have been rounded. */
  isExact = true;
  #start = 0;

  /** @returns false if no number begins at `start`, or what begins there ends as none (`42E`, `042i`, `-1u`) */
  read(bytes: Buffer, start: number): boolean {
    const isNegative = bytes[start] === MINUS;
    const first = isNegative ? start + 1 : start;
    let at = first;
    let mantissa = 0;
    for (; isDigit(bytes[at]); at += 1) mantissa = mantissa * 10 + ((bytes[at] ?? ZERO) - ZERO);
    let digits = at - first;
    this.#start = start;

    const suffix = bytes[at];
    if (suffix === LOWER_I || suffix === LOWER_U) {
      this.kind = suffix === LOWER_I ? 'int' : 'uint';
      this.end = at + 1;
      this.isExact = digits <= EXACT_DIGITS;
      this.value = isNegative ? -mantissa : mantissa;
      const hasLeadingZero = digits > 1 && bytes[first] === ZERO;
      return digits > 0 && !hasLeadingZero && !(isNegative && suffix === LOWER_U);
    }

    let decimals = 0;
    if (suffix === DOT) {
      const point = at;
      for (at += 1; isDigit(bytes[at]); at += 1) mantissa = mantissa * 10 + ((bytes[at] ?? ZERO) - ZERO);
      decimals = at - point - 1;
      digits += decimals;
    }
    this.kind = 'float';
    this.end = at;
    if (digits === 0) return false;
    if (((bytes[at] ?? 0) | 0x20) === LOWER_E) return this.#exponent(bytes, at);
    this.isExact = digits <= EXACT_DIGITS;
    const magnitude = this.isExact ? mantissa / (POWERS_OF_TEN[decimals] ?? 1) : Number(bytes.toString('latin1', first, at));
    this.value = isNegative ? -magnitude : magnitude;
    return true;
  }

  /**
   * The integer read last, exactly.
   *
   * @returns undefined if it does not fit in 64 bits
   */
  integer(bytes: Buffer): bigint | undefined {
    if (this.isExact) return BigInt(this.value);
    // No longer text can be in range, and the conversion takes more than linear time.
    if (this.end - this.#start > 22) return undefined;
    const exact = BigInt(bytes.toString('latin1', this.#start, this.end - 1));
    const fitting = this.kind === 'int' ? BigInt.asIntN(64, exact) : BigInt.asUintN(64, exact);
    return fitting === exact ? exact : undefined;
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
