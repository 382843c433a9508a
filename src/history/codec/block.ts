/**
 * A block: the samples of one series set over a span of time, column by column. Pure; knows no files.
 *
 * Format, version 1. Numbers are varints (LEB128) and signed ones zigzag varints where nothing else is said; fixed sizes are
 * little-endian; a text is its length in bytes and UTF-8.
 *
 *     block   = version:byte(1) crc32:4 (of all that follows) headerLength header body*
 *     header  = rows firstTime:int64 lastTime:int64 (ns since the Unix epoch) columns entry(time) entry*
 *     entry   = name:text kind:byte (0 float, 1 integer, 2 boolean, 3 text) encoding:byte flags:byte [count] [summary] bodyLength
 *     flags   = 1 deflated | 2 some rows have no value (count follows) | 4 no value is smaller than the one before
 *     summary = min sum max first last, as numbers; only min and sum if the encoding is constant, none for texts and the times
 *     number  = places:byte (0 to 6) zigzag (value × 10^places) | 255:byte float64
 *
 * There is a body for each entry, in the same order; the first one has the times, as integers. It is raw deflate (RFC 1951) or
 * plain. In it:
 *
 *     body    = [one bit for each row, lowest first: has a value] values
 *     values  = line zigzag(k)*            encodings 0, 1, 2: k, its differences, or the differences of those
 *             | line                       encoding 3: constant, k is 0
 *             | byte*                      encoding 4: 64-bit values XORed with the one before, most significant bytes first
 *             | size text* [number of a text]*   encoding 5: dictionary; without numbers if there is one text
 *             | line                       encoding 6: even, k is the number of the value, from 0
 *     line    = places:byte step (1:byte base:zigzag | 0:byte base:int64)     value = (base + step × k) / 10^places
 *
 * Reading a block checks the CRC and the header; a column is inflated when it is asked for.
 */
import { crc32 } from 'node:zlib';

import type { Column, Samples } from '../samples.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  CONSTANT,
  decodeColumn,
  decodeMilliseconds,
  decodeNumbers,
  encodeColumn,
  type EncodedColumn,
  type Numbers,
  type StoredColumn,
} from './column.ts';
import { CorruptBlockError } from './corrupt-block.ts';
import { isKind, KINDS, readSummary, skipSummary, writeSummary } from './column-header.ts';

/** The `codec` of a stored row. */
export const BLOCK_VERSION = 1;

/** Maximum number of rows: an hour at 18 samples a second. */
export const MAX_ROWS = 65_536;

const CRC_END = 5;
const [DEFLATED, PARTIAL, RISING] = [1, 2, 4];
const TIMES = { name: '', kind: 'integer' } as const;

const headerWriter = new ByteWriter();
const contentWriter = new ByteWriter();

/** @param samples from 1 to `MAX_ROWS` rows @throws RangeError */
export function encodeBlock({ times, columns }: Samples): Uint8Array {
  const rows = times.length;
  if (rows === 0 || rows > MAX_ROWS) throw new RangeError(`A block has from 1 to ${MAX_ROWS} rows, not ${rows}`);
  const header = headerWriter.clear();
  header.varint(rows);
  header.int64(times[0] ?? 0n);
  header.int64(times[rows - 1] ?? 0n);
  header.varint(columns.length);
  const all: readonly Column[] = [{ ...TIMES, values: times }, ...columns];
  const bodies = all.map((column, index) => {
    const encoded = encodeColumn(column);
    writeEntry(header, column, index === 0 ? { ...encoded, summary: undefined } : encoded, rows);
    return encoded.body;
  });
  const rest = contentWriter.clear();
  rest.varint(header.length);
  rest.bytes(header.finish());
  for (const body of bodies) rest.bytes(body);
  const content = rest.finish();
  const block = Buffer.allocUnsafe(CRC_END + content.length);
  block[0] = BLOCK_VERSION;
  block.writeUInt32LE(crc32(content), 1);
  block.set(content, CRC_END);
  return block;
}

/** A block whose header has been read. Its methods throw CorruptBlockError. */
export class Block {
  readonly rows: number;
  /** Nanoseconds since the Unix epoch. */
  readonly firstTime: bigint;
  readonly lastTime: bigint;
  readonly columns: readonly StoredColumn[];
  readonly #times: StoredColumn;

  /** @throws CorruptBlockError, also for a version that is not known */
  constructor(bytes: Uint8Array) {
    if (bytes[0] !== BLOCK_VERSION) throw new CorruptBlockError(`its version is not ${BLOCK_VERSION}`);
    if (bytes.length < CRC_END) throw new CorruptBlockError('it ends too early');
    const content = bytes.subarray(CRC_END);
    if (crc32(content) !== Buffer.from(bytes.buffer, bytes.byteOffset, CRC_END).readUInt32LE(1))
      throw new CorruptBlockError('its checksum is wrong');
    const start = new ByteReader(content);
    const header = new ByteReader(start.bytes(start.varint()));
    this.rows = header.varint();
    if (this.rows === 0 || this.rows > MAX_ROWS) throw new CorruptBlockError('the number of its rows is out of range');
    this.firstTime = header.int64();
    this.lastTime = header.int64();
    const size = header.varint();
    const bodies = new ByteReader(content.subarray(start.offset));
    this.#times = readEntry(header, bodies, this.rows, true);
    // Not by a length from the file: each entry takes bytes, so a wrong length ends at the end of the header.
    const columns: StoredColumn[] = [];
    while (columns.length < size) columns.push(readEntry(header, bodies, this.rows, false));
    this.columns = columns;
  }

  times(): BigInt64Array {
    return decodeColumn(this.#times, this.rows).values as BigInt64Array;
  }

  /** As whole milliseconds, rounded down. @param into at least as many as rows; the times are the beginning of it */
  milliseconds(into: Float64Array = new Float64Array(this.rows)): Float64Array {
    return decodeMilliseconds(this.#times, this.rows, into);
  }

  /** Exact values. @param isWanted which columns; default all */
  samples(isWanted: (name: string) => boolean = () => true): Samples {
    const wanted = this.columns.filter(({ name }) => isWanted(name));
    return { times: this.times(), columns: wanted.map((column) => decodeColumn(column, this.rows)) };
  }

  /** The columns of a field, more than one if its type has changed. */
  named(name: string): readonly StoredColumn[] {
    return this.columns.filter((column) => column.name === name);
  }

  /** Of a column of this block. @param into at least as many as rows; the values are the beginning of it */
  numbers(column: StoredColumn, into: Float64Array = new Float64Array(column.count)): Numbers {
    return decodeNumbers(column, this.rows, into);
  }
}

function writeEntry(header: ByteWriter, { name, kind }: Column, encoded: EncodedColumn, rows: number): void {
  const { encoding, count, summary, isDeflated, body } = encoded;
  header.text(name);
  header.byte(KINDS.indexOf(kind));
  header.byte(encoding);
  const isRising = summary?.isRising === true;
  header.byte((isDeflated ? DEFLATED : 0) | (count < rows ? PARTIAL : 0) | (isRising ? RISING : 0));
  if (count < rows) header.varint(count);
  if (summary !== undefined) writeSummary(header, summary, encoding === CONSTANT);
  header.varint(body.length);
}

function readEntry(header: ByteReader, bodies: ByteReader, rows: number, isTimes: boolean): StoredColumn {
  const name = header.text();
  const kind = KINDS[header.byte()];
  if (!isKind(kind)) throw new CorruptBlockError('a column has an unknown kind');
  const encoding = header.byte();
  const flags = header.byte();
  const count = (flags & PARTIAL) === 0 ? rows : header.varint();
  if (count === 0 || count > rows) throw new CorruptBlockError('the number of values is out of range');
  const hasSummary = kind !== 'text' && !isTimes;
  const isConstant = encoding === CONSTANT;
  const bytes = hasSummary ? skipSummary(header, isConstant) : undefined;
  const summary = () => bytes && readSummary(new ByteReader(bytes), count, isConstant, (flags & RISING) !== 0);
  const body = bodies.bytes(header.varint());
  return { name, kind, encoding, count, summary, isDeflated: (flags & DEFLATED) !== 0, body };
}
