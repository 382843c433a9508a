import type { Kind, Raw, Values } from './message.ts';

type JsonValues = { readonly [K in Kind]: (value: unknown, name: string) => Values[K] };

const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };
const UINT64 = { least: 0n, most: 2n ** 64n - 1n };

/** The value of a field of that name. All throw an Error that names it. */
export const JSON_VALUES: JsonValues = {
  text: textOf,
  bool(value, name) {
    if (typeof value !== 'boolean') throw new Error(`${name} is neither true nor false`);
    return value;
  },
  double: doubleOf,
  int: (value, name) => integerOf(value, name, INT64),
  fixed64: (value, name) => integerOf(value, name, UINT64),
  sfixed64: (value, name) => integerOf(value, name, INT64),
  id(value, name) {
    const text = textOf(value, name);
    if (!/^[0-9a-f]*$/i.test(text)) throw new Error(`${name} is no hexadecimal text`);
    return text.toLowerCase();
  },
  blob: textOf,
  message(value, name) {
    if (!isObject(value)) throw new Error(`${name} is no object`);
    return value;
  },
};

export function isObject(value: unknown): value is Exclude<Raw, Buffer> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new Error(`${name} is no text`);
  return value;
}

const NOT_FINITE: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };

function doubleOf(value: unknown, name: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && Object.hasOwn(NOT_FINITE, value)) return NOT_FINITE[value] ?? NaN;
  const number = typeof value === 'string' && /^[-+.\d]/.test(value) ? Number(value) : NaN;
  if (Number.isNaN(number)) throw new Error(`${name} is no number`);
  return number;
}

/** Longest text of a 64-bit integer. Characters. */
const MAX_DIGITS = 20;

/** A decimal text or a number, which is exact up to 2^53. */
function integerOf(value: unknown, name: string, { least, most }: typeof INT64): bigint {
  const isText = typeof value === 'string' && value.length <= MAX_DIGITS && /^-?\d+$/.test(value);
  if (!isText && !Number.isInteger(value)) throw new Error(`${name} is no integer`);
  const integer = BigInt(value as string | number);
  if (integer < least || integer > most) throw new Error(`${name} is beyond 64 bits`);
  return integer;
}
