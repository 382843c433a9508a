/**
 * The format of the journal, version 1. All integers are unsigned and little-endian, line numbers stay below 2^53, and
 * every CRC-32 is that of gzip (RFC 1952).
 *
 * A journal is a directory:
 *
 * ```
 * 0000000000000000.v1.seg    a segment: its name is the number of its first line, in 16 decimal digits
 * 0000000000008213.v1.seg
 * cursors/influxdb.cursor    progress of the output with that alias (see cursor-file.ts)
 * lock                       held by the process that writes (see lock.ts)
 * ```
 *
 * Lines are numbered in the order of appending, for as long as the directory exists. A segment is a sequence of records. A
 * record is a header of 44 bytes and a group of lines:
 *
 * | offset | bytes | what                                                                            |
 * | ------ | ----- | ------------------------------------------------------------------------------- |
 * | 0      | 4     | `HDJ1`                                                                          |
 * | 4      | 4     | CRC-32 of bytes 8 to 43                                                         |
 * | 8      | 4     | length of the payload, in bytes                                                 |
 * | 12     | 4     | CRC-32 of the payload                                                           |
 * | 16     | 8     | number of the first line                                                        |
 * | 24     | 8     | wall-clock time of closing the group: milliseconds since the Unix epoch         |
 * | 32     | 4     | number of lines                                                                 |
 * | 36     | 4     | length of the lines before compression, in bytes                                |
 * | 40     | 4     | CRC-32 of the lines before compression                                          |
 * | 44     |       | payload: the lines as a raw deflate stream that ends with a sync flush          |
 *
 * The lines are line protocol with nanosecond times, each terminated by a newline. To read one record, inflate the payload
 * and tolerate the missing final block; to send several, see metric/packed-lines.ts.
 *
 * Gaps in the numbers are losses: if a record starts after the end of the previous one, the lines in between are missing. A
 * jump of more than 2^27 is a new count, not a loss.
 *
 * A payload has at most 2^28 bytes. A segment may be empty or have no complete record.
 *
 * A process only writes to segments that it created, so damage is confined to a segment. A reader accepts a record if both
 * checksums match; otherwise it searches for the next valid record, from one byte after the start of the damaged one.
 */
import { crc32 } from 'node:zlib';

import type { PackedLines } from '../metric/packed-lines.ts';

const MAGIC = Buffer.from('HDJ1');
export const HEADER_BYTES = 44;

/** Longer payloads are never written, so a larger length is damage. */
const MOST_PAYLOAD_BYTES = 2 ** 28;

/** A jump of more than this is a new count, not a loss. */
export const NEW_COUNT = 2 ** 27;

export interface JournalRecord {
  /** Number of its first line. */
  readonly first: number;
  /** Milliseconds since the Unix epoch, by the wall clock. */
  readonly time: number;
  readonly packed: PackedLines;
}

/** A record and its position in the searched bytes. */
export interface FoundRecord extends JournalRecord {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface Search {
  readonly found: FoundRecord | undefined;
  /** If nothing was found: offset to continue at with more bytes. */
  readonly resume: number;
  /** If nothing was found: number of bytes needed from `resume` on. */
  readonly needs: number;
}

/** Number after the record's last line. */
export function endOf({ first, packed }: JournalRecord): number {
  return first + packed.size;
}

export function recordBytes({ packed }: JournalRecord): number {
  return HEADER_BYTES + packed.fragment.length;
}

/** Header and payload, to be written in this order. */
export function encodeRecord({ first, time, packed }: JournalRecord): readonly [Uint8Array, Uint8Array] {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(packed.fragment.length, 8);
  header.writeUInt32LE(crc32(packed.fragment), 12);
  header.writeBigUInt64LE(BigInt(first), 16);
  header.writeBigUInt64LE(BigInt(Math.max(0, Math.round(time))), 24);
  header.writeUInt32LE(packed.size, 32);
  header.writeUInt32LE(packed.bytes, 36);
  header.writeUInt32LE(packed.crc32, 40);
  header.writeUInt32LE(crc32(header.subarray(8)), 4);
  return [header, packed.fragment];
}

/**
 * Finds the first intact record at or after an offset.
 *
 * @param isAll whether the bytes are complete, so that a record that extends beyond them is invalid
 */
export function findRecord(bytes: Buffer, from: number, isAll = false): Search {
  let offset = from;
  for (;;) {
    offset = bytes.indexOf(MAGIC, offset);
    if (offset === -1) return nothing(Math.max(from, bytes.length - MAGIC.length + 1), HEADER_BYTES);
    if (offset + HEADER_BYTES > bytes.length) return nothing(offset, HEADER_BYTES);
    const header = readHeader(bytes, offset);
    const end = offset + HEADER_BYTES + (header?.length ?? 0);
    if (header === undefined || (end > bytes.length && isAll)) {
      offset += 1;
      continue;
    }
    if (end > bytes.length) return nothing(offset, HEADER_BYTES + header.length);
    const fragment = bytes.subarray(offset + HEADER_BYTES, end);
    if (crc32(fragment) === header.payloadCrc32) {
      const { first, time, packed } = header;
      return { found: { first, time, packed: { ...packed, fragment }, start: offset, end }, resume: end, needs: 0 };
    }
    // The header and its length are valid, but the damaged payload may contain complete records.
    offset += 1;
  }
}

function nothing(resume: number, needs: number): Search {
  return { found: undefined, resume, needs };
}

interface Header {
  readonly length: number;
  readonly payloadCrc32: number;
  readonly first: number;
  readonly time: number;
  readonly packed: Omit<PackedLines, 'fragment'>;
}

function readHeader(bytes: Buffer, offset: number): Header | undefined {
  if (bytes.readUInt32LE(offset + 4) !== crc32(bytes.subarray(offset + 8, offset + HEADER_BYTES))) return undefined;
  const length = bytes.readUInt32LE(offset + 8);
  const first = Number(bytes.readBigUInt64LE(offset + 16));
  const size = bytes.readUInt32LE(offset + 32);
  if (length > MOST_PAYLOAD_BYTES || !Number.isSafeInteger(first + size)) return undefined;
  return {
    length,
    payloadCrc32: bytes.readUInt32LE(offset + 12),
    first,
    time: Number(bytes.readBigUInt64LE(offset + 24)),
    packed: { size, bytes: bytes.readUInt32LE(offset + 36), crc32: bytes.readUInt32LE(offset + 40) },
  };
}
