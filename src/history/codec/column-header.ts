/** The summary of a column in the header of a block. */
import type { Column } from '../samples.ts';
import type { Summary } from '../summary.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block.ts';
import { decimalPlaces, MAX_PLACES, POWERS, scaled } from './decimal.ts';

/** Their positions are the numbers in the file. */
export const KINDS: readonly Column['kind'][] = ['float', 'integer', 'boolean', 'text'];

export function isKind(kind: Column['kind'] | undefined): kind is Column['kind'] {
  return kind !== undefined;
}

const FLOAT64 = 255;

/** A constant column is its value and its sum. */
export function writeSummary(writer: ByteWriter, { min, max, sum, first, last }: Summary, isConstant: boolean): void {
  for (const number of isConstant ? [min, sum] : [min, sum, max, first, last]) writeNumber(writer, number);
}

export function readSummary(reader: ByteReader, count: number, isConstant: boolean, isRising: boolean): Summary {
  const [min, sum] = [readNumber(reader), readNumber(reader)];
  if (isConstant) return { count, min, max: min, sum, first: min, last: min, isRising };
  const [max, first, last] = [readNumber(reader), readNumber(reader), readNumber(reader)];
  return { count, min, max, sum, first, last, isRising };
}

/** @returns its bytes */
export function skipSummary(reader: ByteReader, isConstant: boolean): Uint8Array {
  const start = reader.offset;
  for (let rest = isConstant ? 2 : 5; rest > 0; rest -= 1) {
    if (reader.byte() === FLOAT64) reader.bytes(8);
    else reader.skipVarint();
  }
  return reader.since(start);
}

function writeNumber(writer: ByteWriter, number: number): void {
  const places = decimalPlaces([number]);
  writer.byte(places ?? FLOAT64);
  if (places === undefined) writer.float64(number);
  else writer.zigzag(scaled(number, places));
}

function readNumber(reader: ByteReader): number {
  const places = reader.byte();
  if (places === FLOAT64) return reader.float64();
  if (places > MAX_PLACES) throw new CorruptBlockError('a number of decimal places is too large');
  return reader.zigzag() / (POWERS[places] ?? 1);
}
