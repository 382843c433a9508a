/**
 * The CRC-32 of two concatenated runs of bytes, from the CRC of each: appending `n` zero bytes multiplies a CRC, seen as a
 * polynomial, by x^(8n) modulo the CRC's generator. Bits are reflected as in gzip (RFC 1952): the highest bit of a word is
 * x^0.
 */
const POLYNOMIAL = 0xedb88320;
const X_TO_THE_0 = 0x80000000;
const X_TO_THE_1 = 0x40000000;

/** x^(2^n) for n from 0 to 31; the powers repeat after that, because x^(2^32 - 1) is 1. */
const POWERS = powersOfTwo();

/**
 * @param first CRC-32 of the first run
 * @param second CRC-32 of the second run
 * @param secondLength bytes in the second run
 */
export function combineCrc32(first: number, second: number, secondLength: number): number {
  return (multiply(xToThe8Times(secondLength), first) ^ second) >>> 0;
}

function xToThe8Times(bytes: number): number {
  let product = X_TO_THE_0;
  let bit = 3;
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) product = multiply(POWERS[bit % 32] ?? 0, product);
    bit += 1;
  }
  return product;
}

/** The product of two polynomials modulo the CRC's. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let mask = X_TO_THE_0; mask !== 0; mask >>>= 1) {
    if ((a & mask) !== 0) product ^= shifted;
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ POLYNOMIAL;
  }
  return product >>> 0;
}

function powersOfTwo(): readonly number[] {
  const powers = [X_TO_THE_1];
  for (let last = X_TO_THE_1; powers.length < 32;) {
    last = multiply(last, last);
    powers.push(last);
  }
  return powers;
}
