/**
 * The format of the journal, version 1. All integers are unsigned and little-endian, line numbers stay below 2^53, and
 * every CRC-32 is that of gzip (RFC 1952).
 *
 * A journal is a directory:
 *
 * ```
 * 0000000000000000.v1.seg    a segment: its name is the number of its first line, in 16 decimal digits
 * 0000000000008213.v1.seg
 * cursors/influxdb.cursor    how far the output with that alias has come (see cursor-file.ts)
 * lock                       held by the process that writes (see lock.ts)
 * ```
 *
 * Lines are numbered in the order in which they were appended, for as long as the directory exists. A segment is records
 * one after the other and nothing else. A record is a header of 44 bytes and a group of lines:
 *
 * | offset | bytes | what                                                                            |
 * | ------ | ----- | ------------------------------------------------------------------------------- |
 * | 0      | 4     | `HDJ1`                                                                          |
 * | 4      | 4     | CRC-32 of bytes 8 to 43                                                         |
 * | 8      | 4     | length of the payload, in bytes                                                 |
 * | 12     | 4     | CRC-32 of the payload                                                           |
 * | 16     | 8     | number of the first line                                                        |
 * | 24     | 8     | when the group was closed, by the wall clock: milliseconds since the Unix epoch |
 * | 32     | 4     | how many lines                                                                  |
 * | 36     | 4     | length of the lines before compression, in bytes                                |
 * | 40     | 4     | CRC-32 of the lines before compression                                          |
 * | 44     |       | payload: the lines as a raw deflate stream that ends with a sync flush          |
 *
 * The lines are line protocol with nanosecond time, each ended by a newline. To read them on their own, inflate the
 * payload and accept that no final block comes; to send many, see core/packed-lines.ts.
 *
 * Numbers tell what is missing: where a record begins after the end of the one before it, the lines in between are lost.
 * Numbers that jump by more than 2^27 are a new count, not a loss.
 *
 * A payload has at most 2^28 bytes. A segment may be empty, or hold nothing whole.
 *
 * A process never writes to a segment that it did not begin, so damage ends with the segment. A reader takes a record if
 * both checksums hold; otherwise it goes on one byte after its beginning, and looks for the next `HDJ1` that begins a
 * record for which they do.
 */
import { crc32 } from 'node:zlib';

import type { PackedLines } from '../metric/packed-lines.ts';

const MAGIC = Buffer.from('HDJ1');
export const HEADER_BYTES = 44;

/** Longer payloads are not written, so a length above it is damage. */
const MOST_PAYLOAD_BYTES = 2 ** 28;

/** A jump of numbers by more than this is no loss. */
export const NEW_COUNT = 2 ** 27;

export interface JournalRecord {
  /** Number of its first line. */
  readonly first: number;
  /** Milliseconds since the Unix epoch, by the wall clock. */
  readonly time: number;
  readonly packed: PackedLines;
}

/** A record and where it lies in the bytes that were searched. */
export interface FoundRecord extends JournalRecord {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface Search {
  readonly found: FoundRecord | undefined;
  /** Without a find: where to go on when there are more bytes. */
  readonly resume: number;
  /** Without a find: how many bytes from `resume` on are needed to find out more. */
  readonly needs: number;
}

/** The number after the record's last line. */
export function endOf({ first, packed }: JournalRecord): number {
  return first + packed.size;
}

export function recordBytes({ packed }: JournalRecord): number {
  return HEADER_BYTES + packed.fragment.length;
}

/** Header and payload, to be written one after the other. */
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
 * The first intact record at or after an offset.
 *
 * @param isAll nothing follows these bytes, so a record that would end behind them is none
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
    // The header is sound, so its length is. All the same, what looks like a payload may hide whole records.
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
