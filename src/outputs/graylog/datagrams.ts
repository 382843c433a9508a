/** GELF over UDP: one packet, or chunks that the server puts together again. */
import { randomBytes } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';

import type { COMPRESSIONS } from './options.ts';

export interface DatagramSettings {
  readonly compression: (typeof COMPRESSIONS)[number];
  /** Bytes of one packet, the header of a chunk included. */
  readonly chunkSize: number;
}

/** Chunks of one message; a server throws away those with more. */
export const MAX_CHUNKS = 128;

const MAGIC = Buffer.from([0x1e, 0x0f]);
const ID_BYTES = 8;
/** After magic and id come the number of the chunk and how many there are. */
const HEADER_BYTES = MAGIC.length + ID_BYTES + 2;

/** @returns undefined if the message is too large */
export function datagramsOf(
  message: string,
  { compression, chunkSize }: DatagramSettings,
): readonly Buffer[] | undefined {
  const bytes = compressed(Buffer.from(message), compression);
  if (bytes.length <= chunkSize) return [bytes];
  const size = chunkSize - HEADER_BYTES;
  const count = Math.ceil(bytes.length / size);
  if (count > MAX_CHUNKS) return undefined;
  // Chunks of several senders meet at the server, so that a counter would not do.
  const start = Buffer.concat([MAGIC, randomBytes(ID_BYTES)]);
  return Array.from({ length: count }, (_, index) =>
    Buffer.concat([start, Buffer.from([index, count]), bytes.subarray(index * size, (index + 1) * size)]),
  );
}

function compressed(bytes: Buffer, compression: DatagramSettings['compression']): Buffer {
  if (compression === 'none') return bytes;
  return compression === 'gzip' ? gzipSync(bytes) : deflateSync(bytes);
}
