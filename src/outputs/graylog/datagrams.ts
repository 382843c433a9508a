/** GELF over UDP: one datagram per message, or chunks that the server reassembles. */
import { randomBytes } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';

import type { COMPRESSIONS } from './options.ts';

export interface DatagramSettings {
  readonly compression: (typeof COMPRESSIONS)[number];
  /** Maximum size of a datagram, including the chunk header. Bytes. */
  readonly chunkSize: number;
}

/** Maximum number of chunks of a message; servers discard messages with more. */
export const MAX_CHUNKS = 128;

const MAGIC = Buffer.from([0x1e, 0x0f]);
const ID_BYTES = 8;
/** Magic, message ID, sequence number and sequence count. */
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
  // Random, since a counter would collide with the IDs of other senders.
  const start = Buffer.concat([MAGIC, randomBytes(ID_BYTES)]);
  return Array.from({ length: count }, (_, index) =>
    Buffer.concat([start, Buffer.from([index, count]), bytes.subarray(index * size, (index + 1) * size)]),
  );
}

function compressed(bytes: Buffer, compression: DatagramSettings['compression']): Buffer {
  if (compression === 'none') return bytes;
  return compression === 'gzip' ? gzipSync(bytes) : deflateSync(bytes);
}
