import { closeSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';

import { errorCode } from '../../plugin/index.ts';

import { noSockets, type SocketCounts } from './states.ts';
import { countSockets, type TableKind } from './table.ts';

/** Costs half of a FileHandle's read; a large table takes thousands of reads. */
const readAsync = promisify(read);

const TABLES: readonly (readonly [file: string, kind: TableKind])[] = [
  ['tcp', 'tcp'],
  ['tcp6', 'tcp'],
  ['udp', 'udp'],
  ['udp6', 'udp'],
  ['unix', 'unix'],
];

/** Procfs returns at most a page per read; ordinary files and the rest of a line need more. */
const BUFFER_BYTES = 32 * 1024;

/** Longer than any line of the kernel: an unterminated longer piece is dropped. */
const LONGEST_LINE = 8 * 1024;

/**
 * Counts the sockets of a network namespace by state. Reads asynchronously, page by page, so as not to block the event loop:
 * the kernel walks its whole hash table, which takes milliseconds even if it is empty.
 *
 * @param folder `/proc/net`
 */
export async function countAllSockets(folder: string, signal: AbortSignal): Promise<SocketCounts> {
  const counts = noSockets();
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  const missing: unknown[] = [];
  for (const [file, kind] of TABLES) {
    try {
      await countTable(`${folder}/${file}`, kind, { counts, buffer }, signal);
    } catch (error) {
      // tcp6 and udp6 are missing without IPv6, unix in some sandboxes.
      if (errorCode(error) !== 'ENOENT') throw error;
      missing.push(error);
    }
  }
  if (missing.length === TABLES.length) {
    throw new Error(`No socket table in ${folder}; check that procfs is mounted there (HOST_PROC)`, {
      cause: missing[0],
    });
  }
  return counts;
}

async function countTable(
  path: string,
  kind: TableKind,
  { counts, buffer }: { readonly counts: SocketCounts; readonly buffer: Buffer },
  signal: AbortSignal,
): Promise<void> {
  const descriptor = openSync(path, 'r');
  try {
    let rest = 0;
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await readAsync(descriptor, buffer, rest, buffer.length - rest, null);
      if (bytesRead === 0) return;
      const length = rest + bytesRead;
      const used = countSockets(buffer.subarray(0, length), kind, counts);
      rest = length - used > LONGEST_LINE ? 0 : length - used;
      buffer.copyWithin(0, used, used + rest);
    }
  } finally {
    closeSync(descriptor);
  }
}
