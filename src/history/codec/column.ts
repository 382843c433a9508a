/** One column of a block: the encoding that suits its values best, then deflate if that is smaller. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

import type { Column } from '../samples.ts';
import { toMs } from '../spans.ts';
import { summarize, type Summary } from '../summary.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block.ts';
import { readTexts, writeTexts } from './dictionary.ts';
import { toDoubles } from './int64.ts';
import { bestOrder, readDifferences, writeDifferences, type Order } from './differences.ts';
import {
  floatsOf,
  integersOf,
  lineOfFloats,
  lineOfIntegers,
  millisecondsOf,
  readLine,
  writeLine,
  type NumberLine,
} from './number-line.ts';
import { fromPlanes, planeBytes, readPlanes, toPlanes } from './xor-planes.ts';

/** The numbers are those in the file. 0 to 2 are the order of differences. */
export const CONSTANT = 3;
const PLANES = 4;
const DICTIONARY = 5;
/** Each value is a step after the one before: times, and counters of what is constant. */
const EVEN = 6;
const LAST_ENCODING = EVEN;

/** Smaller bodies lose a few bytes at most, and setting up deflate takes longer than all else. */
const LEAST_DEFLATED = 64;

/** A damaged or hostile body must not fill the memory. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

export interface EncodedColumn {
  readonly encoding: number;
  /** Number of values. */
  readonly count: number;
  /** Undefined for texts. */
  readonly summary: Summary | undefined;
  readonly isDeflated: boolean;
  readonly body: Uint8Array;
}

/** What the header of a block says about a column, and its bytes. */
export interface StoredColumn {
  readonly name: string;
  readonly kind: Column['kind'];
  readonly encoding: number;
  readonly count: number;
  /** Reads it from the header: few who read the header want it. Undefined for texts. @throws CorruptBlockError */
  readonly summary: () => Summary | undefined;
  readonly isDeflated: boolean;
  readonly body: Uint8Array;
}

/** Exact values, one for each row that has one. */
export interface Dense {
  readonly values: Column['values'];
  readonly present: Uint8Array | undefined;
}

const columnWriter = new ByteWriter();

export function encodeColumn(column: Column): EncodedColumn {
  const writer = columnWriter.clear();
  if (column.present !== undefined) writer.bytes(toBits(column.present));
  const { encoding, count, summary } = writeValues(writer, column);
  const plain = writer.finish();
  const deflated =
    plain.length > LEAST_DEFLATED ? deflateRawSync(plain, { level: 6, ...windowOf(plain.length) }) : plain;
  const isDeflated = deflated.length < plain.length;
  return { encoding, count, summary, isDeflated, body: isDeflated ? deflated : plain };
}

/** A window as large as the input compresses as well as a larger one, and takes less time to set up. */
function windowOf(bytes: number): { readonly windowBits: number } {
  return { windowBits: Math.min(15, Math.max(9, Math.ceil(Math.log2(bytes)))) };
}

type Written = Pick<EncodedColumn, 'encoding' | 'count' | 'summary'>;

function writeValues(writer: ByteWriter, column: Column): Written {
  const { present } = column;
  switch (column.kind) {
    case 'text': {
      const values = present === undefined ? column.values : column.values.filter((_, row) => present[row] === 1);
      writeTexts(writer, values);
      return { encoding: DICTIONARY, count: values.length, summary: undefined };
    }
    case 'float': {
      const values = present === undefined ? column.values : column.values.filter((_, row) => present[row] === 1);
      const line = lineOfFloats(values);
      const encoding = writeNumbers(writer, line, () => new BigUint64Array(values.slice().buffer));
      return { encoding, count: values.length, summary: summarize(values, line?.places) };
    }
    case 'boolean':
    case 'integer': {
      const all = column.kind === 'integer' ? column.values : BigInt64Array.from(column.values, BigInt);
      const values = present === undefined ? all : all.filter((_, row) => present[row] === 1);
      const encoding = writeNumbers(writer, lineOfIntegers(values), () => new BigUint64Array(values.slice().buffer));
      return { encoding, count: values.length, summary: summarize(toDoubles(values), 0) };
    }
  }
}

/** @param bits of all values @returns the encoding */
function writeNumbers(writer: ByteWriter, line: NumberLine | undefined, bits: () => BigUint64Array): number {
  if (line === undefined) {
    writer.bytes(toPlanes(bits()));
    return PLANES;
  }
  writeLine(writer, line);
  if (line.step === 0) return CONSTANT;
  if (line.k.every((k, index) => k === index)) return EVEN;
  const order = bestOrder(line.k);
  writeDifferences(writer, line.k, order);
  return order;
}

/**
 * @param rows of the block
 * @throws CorruptBlockError
 */
export function decodeColumn(column: StoredColumn, rows: number): Column {
  const { name, kind } = column;
  const { values, present } = decodeDense(column, rows);
  if (present === undefined) return { name, kind, values } as Column;
  let next = 0;
  const at = (row: number) => (present[row] === 1 ? next++ : -1);
  switch (kind) {
    case 'text': {
      const dense = values as readonly string[];
      return { name, kind, present, values: Array.from({ length: rows }, (_, row) => dense[at(row)] ?? '') };
    }
    case 'integer': {
      const dense = values as BigInt64Array;
      return { name, kind, present, values: BigInt64Array.from({ length: rows }, (_, row) => dense[at(row)] ?? 0n) };
    }
    case 'float': {
      const dense = values as Float64Array;
      return { name, kind, present, values: Float64Array.from({ length: rows }, (_, row) => dense[at(row)] ?? 0) };
    }
    case 'boolean': {
      const dense = values as Uint8Array;
      return { name, kind, present, values: Uint8Array.from({ length: rows }, (_, row) => dense[at(row)] ?? 0) };
    }
  }
}

/** The values of a column of numbers as doubles, one for each row that has one. */
export interface Numbers {
  readonly values: Float64Array;
  readonly present: Uint8Array | undefined;
}

/**
 * Faster than `decodeColumn`.
 *
 * @param into at least as many as rows; the values are the beginning of it
 * @throws CorruptBlockError
 */
export function decodeNumbers(column: StoredColumn, rows: number, into: Float64Array): Numbers {
  const { reader, present } = openBody(column, rows);
  const { kind, encoding, count } = column;
  const values = into.subarray(0, count);
  if (encoding !== PLANES) return { values: floatsOf(readNumbers(reader, encoding, values)), present };
  readPlanes(reader.bytes(planeBytes(count)), new Uint32Array(values.buffer, values.byteOffset, 2 * count));
  if (kind !== 'float') values.set(toDoubles(new BigInt64Array(values.buffer, values.byteOffset, count)));
  return { values, present };
}

/**
 * The times of a block as whole milliseconds, rounded down; faster than `decodeColumn`.
 *
 * @param into at least as many as rows; the times are the beginning of it
 * @throws CorruptBlockError
 */
export function decodeMilliseconds(column: StoredColumn, rows: number, into: Float64Array): Float64Array {
  const { reader } = openBody(column, rows);
  const { encoding, count } = column;
  if (encoding !== PLANES) return millisecondsOf(readNumbers(reader, encoding, into.subarray(0, count)));
  const bits = fromPlanes(reader.bytes(planeBytes(count)), count);
  return Float64Array.from(new BigInt64Array(bits.buffer), toMs);
}

function decodeDense(column: StoredColumn, rows: number): Dense {
  const { reader, present } = openBody(column, rows);
  const { kind, encoding, count } = column;
  if (kind === 'text') return { values: readTexts(reader, count), present };
  if (encoding === PLANES) {
    const bits = fromPlanes(reader.bytes(planeBytes(count)), count);
    return { values: kind === 'float' ? new Float64Array(bits.buffer) : new BigInt64Array(bits.buffer), present };
  }
  const line = readNumbers(reader, encoding, new Float64Array(count));
  if (kind === 'integer') return { values: integersOf(line), present };
  const values = floatsOf(line);
  return { values: kind === 'float' ? values : Uint8Array.from(values), present };
}

/** @param k filled here */
function readNumbers(reader: ByteReader, encoding: number, k: Float64Array): NumberLine {
  const { base, step, places } = readLine(reader);
  if (encoding === CONSTANT) k.fill(0);
  else if (encoding === EVEN) for (let index = 0; index < k.length; index += 1) k[index] = index;
  else readDifferences(reader, k, encoding as Order);
  return { base, step, places, k };
}

function openBody(
  column: StoredColumn,
  rows: number,
): { readonly reader: ByteReader; readonly present: Uint8Array | undefined } {
  const { kind, encoding, count, isDeflated, body } = column;
  if ((kind === 'text') !== (encoding === DICTIONARY) || encoding > LAST_ENCODING || count > rows)
    throw new CorruptBlockError('a column has an encoding of another kind');
  const reader = new ByteReader(isDeflated ? inflate(column, rows) : body);
  if (count === rows) return { reader, present: undefined };
  const present = fromBits(reader.bytes(Math.ceil(rows / 8)), rows);
  if (onesIn(present) !== count) throw new CorruptBlockError('its values do not fit its rows');
  return { reader, present };
}

function inflate({ body, encoding }: StoredColumn, rows: number): Uint8Array {
  try {
    // zlib's own chunks are larger than most columns, and take longer than inflating one; a second chunk costs a copy.
    const chunkSize = Math.max(1024, bytesOf(encoding) * rows);
    return inflateRawSync(body, { maxOutputLength: MAX_BODY_BYTES, chunkSize });
  } catch (cause) {
    throw new CorruptBlockError('a column cannot be decompressed', { cause });
  }
}

/** Of a value, as few take more. */
function bytesOf(encoding: number): number {
  return encoding === PLANES ? 9 : 3;
}

function toBits(present: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(present.length / 8));
  for (let row = 0; row < present.length; row += 1) {
    if (present[row] === 1) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return bits;
}

function fromBits(bits: Uint8Array, rows: number): Uint8Array {
  const present = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) present[row] = ((bits[row >> 3] ?? 0) >> (row & 7)) & 1;
  return present;
}

function onesIn(present: Uint8Array): number {
  let sum = 0;
  for (let row = 0; row < present.length; row += 1) sum += present[row] ?? 0;
  return sum;
}
