/**
 * Values on a line of equal steps: value = (base + step × k) / 10^places, with whole numbers k, the first of them 0. Counters
 * of pages and scheduled times have large steps, so that k is small.
 */
import { toMs, toNs } from '../spans.ts';

import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block.ts';
import { differencesTo, onLine } from './int64.ts';
import { decimalPlaces, LARGEST, MAX_PLACES, POWERS, scaled } from './decimal.ts';

const NS_PER_MS = 1_000_000;

export interface NumberLine {
  /** The first value, times 10^places. */
  readonly base: bigint;
  /** Greatest common divisor of all differences to the base; 0 if all values are equal. */
  readonly step: number;
  readonly places: number;
  readonly k: Float64Array;
}

/** @returns undefined if the values lie too far apart */
export function lineOfIntegers(values: BigInt64Array): NumberLine | undefined {
  const base = values[0] ?? 0n;
  const offsets = differencesTo(values, base);
  if (offsets.some((offset) => Math.abs(offset) > LARGEST)) return undefined;
  return { base, places: 0, ...inSteps(offsets) };
}

/** @returns undefined if the values are not decimals */
export function lineOfFloats(values: Float64Array): NumberLine | undefined {
  const places = decimalPlaces(values);
  if (places === undefined) return undefined;
  const base = scaled(values[0] ?? 0, places);
  const offsets = values.map((value) => scaled(value, places) - base);
  if (offsets.some((offset) => Math.abs(offset) > LARGEST)) return undefined;
  return { base: BigInt(base), places, ...inSteps(offsets) };
}

export function integersOf({ base, step, k }: NumberLine): BigInt64Array {
  return onLine(base, step, k);
}

/** Exact for a line of floats; rounded for integers beyond 2^53. In the place of `k`. */
export function floatsOf({ base, step, places, k }: NumberLine): Float64Array {
  const start = Number(base);
  const power = POWERS[places] ?? 1;
  for (let index = 0; index < k.length; index += 1) k[index] = (start + (k[index] ?? 0) * step) / power;
  return k;
}

/** Nanoseconds as whole milliseconds, rounded down; exact. In the place of `k`. */
export function millisecondsOf({ base, step, k }: NumberLine): Float64Array {
  const start = toMs(base);
  const rest = Number(base - toNs(start));
  for (let index = 0; index < k.length; index += 1)
    k[index] = start + Math.floor((rest + (k[index] ?? 0) * step) / NS_PER_MS);
  return k;
}

export function writeLine(writer: ByteWriter, { base, step, places }: NumberLine): void {
  writer.byte(places);
  writer.varint(step);
  const isShort = base >= -(2n ** 50n) && base <= 2n ** 50n;
  writer.byte(isShort ? 1 : 0);
  if (isShort) writer.zigzag(Number(base));
  else writer.int64(base);
}

/** All but `k`. */
export function readLine(reader: ByteReader): Omit<NumberLine, 'k'> {
  const places = reader.byte();
  if (places > MAX_PLACES) throw new CorruptBlockError('a number of decimal places is too large');
  const step = reader.varint();
  const base = reader.byte() === 1 ? BigInt(reader.zigzag()) : reader.int64();
  return { base, step, places };
}

function inSteps(offsets: Float64Array): Pick<NumberLine, 'step' | 'k'> {
  const step = offsets.reduce(greatestCommonDivisor, 0);
  return { step, k: step > 1 ? offsets.map((offset) => offset / step) : offsets };
}

function greatestCommonDivisor(first: number, second: number): number {
  let [a, b] = [first, Math.abs(second)];
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
