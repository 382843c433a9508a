/**
 * Lines compressed so that groups can be joined without compressing them again.
 *
 * A group is a raw deflate stream (RFC 1951) that ends with a sync flush instead of a final block, so it ends at a whole byte
 * and refers to nothing before its start. Concatenated fragments, followed by an empty final block, with a gzip header and
 * trailer around them, are a gzip stream of a single member; its CRC-32 is combined from the CRCs of the groups.
 * Concatenating gzip members would be simpler, but some decoders read the first member and silently ignore the rest.
 */
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, deflateRawSync, inflateRawSync, type ZlibOptions } from 'node:zlib';

import { combineCrc32 } from './crc32.ts';

const deflateInThreadPool = promisify(deflateRaw);

/** Compressing fewer bytes takes less time than a round trip through the thread pool, and blocks for less than 1 ms. */
const SMALL_BYTES = 64 * 1024;

/** RFC 1952: magic number, deflate, no flags, no time, fastest algorithm, unknown system. */
const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255);
/** An empty block, marked as the last one. */
const FINAL_BLOCK = Uint8Array.of(0x03, 0x00);

export interface PackedLines {
  /** Number of lines. */
  readonly size: number;
  readonly fragment: Uint8Array;
  /** Length of the lines before compression. */
  readonly bytes: number;
  readonly crc32: number;
  /** The uncompressed lines, while they are still in memory. */
  readonly lines?: Uint8Array | undefined;
}

/** @returns synchronously below 64 KiB, otherwise a promise */
export function packLines(lines: Uint8Array, size: number): PackedLines | Promise<PackedLines> {
  const packed = (fragment: Uint8Array) => ({ size, fragment, bytes: lines.length, crc32: crc32(lines), lines });
  const options = compressionOf(lines.length);
  if (lines.length < SMALL_BYTES) return packed(deflateRawSync(lines, options));
  return deflateInThreadPool(lines, options).then(packed);
}

/**
 * Level 1: level 6 is 15 % smaller and costs twice the CPU. A window as large as the lines compresses as well as a larger
 * one, and for a gather of one host, clearing the tables of the largest takes longer than compressing.
 */
function compressionOf(bytes: number): ZlibOptions {
  const windowBits = Math.min(15, Math.max(9, Math.ceil(Math.log2(bytes))));
  return { level: 1, finishFlush: constants.Z_SYNC_FLUSH, windowBits, memLevel: windowBits - 7 };
}

/** @throws if the fragment is damaged or does not match its length and CRC */
export function unpackLines({ fragment, bytes, crc32: expected }: PackedLines): Uint8Array {
  // Keeps a damaged fragment from filling the memory; twice the expected size is enough to detect it.
  const limits = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: Math.max(1024, bytes * 2) };
  const lines = inflateRawSync(fragment, limits);
  if (lines.length !== bytes || crc32(lines) !== expected)
    throw new Error('Compressed lines do not match their checksum');
  return lines;
}

/** All groups, in order, as one gzip stream. */
export function joinToGzip(groups: readonly PackedLines[]): Uint8Array {
  const sum = groups.reduce(
    (before, group) => ({
      crc32: combineCrc32(before.crc32, group.crc32, group.bytes),
      bytes: before.bytes + group.bytes,
    }),
    { crc32: 0, bytes: 0 },
  );
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum.crc32, 0);
  trailer.writeUInt32LE(sum.bytes % 2 ** 32, 4);
  return Buffer.concat([GZIP_HEADER, ...groups.map(({ fragment }) => fragment), FINAL_BLOCK, trailer]);
}
