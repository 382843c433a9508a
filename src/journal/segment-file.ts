/** Segment files: names, listing and reading, all read-only. */
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { namesIn } from './directory.ts';
import { READ } from './open-flags.ts';
import { endOf, findRecord, HEADER_BYTES, type FoundRecord } from './record.ts';

const NAME = /^(\d{16})\.v(\d+)\.seg$/;
const VERSION = 1;

/** Size of one read: a few batches. */
const CHUNK_BYTES = 1024 * 1024;

export interface SegmentFile {
  /** Number of its first line. */
  readonly base: number;
  readonly path: string;
  readonly bytes: number;
  /** Time of the last write by the wall clock, milliseconds since the Unix epoch. */
  readonly modified: number;
}

export interface Listing {
  /** In line order. */
  readonly segments: readonly SegmentFile[];
  /** Segments in another format version. */
  readonly otherVersions: readonly Pick<SegmentFile, 'base' | 'path'>[];
  /** Names of unknown files. */
  readonly foreign: readonly string[];
}

const OWN_NAMES: ReadonlySet<string> = new Set(['lock', 'lock.pid', 'cursors']);

export function segmentPath(directory: string, base: number): string {
  return join(directory, `${String(base).padStart(16, '0')}.v${VERSION}.seg`);
}

/** A directory that does not exist gives an empty listing. */
export async function listSegments(directory: string): Promise<Listing> {
  const segments: SegmentFile[] = [];
  const otherVersions: Pick<SegmentFile, 'base' | 'path'>[] = [];
  const foreign: string[] = [];
  for (const name of (await namesIn(directory)).toSorted()) {
    const path = join(directory, name);
    const [, digits, version] = NAME.exec(name) ?? [];
    const status = digits === undefined ? undefined : await lstat(path);
    if (OWN_NAMES.has(name)) continue;
    if (!status?.isFile()) foreign.push(name);
    else if (Number(version) === VERSION)
      segments.push({ base: Number(digits), path, bytes: status.size, modified: status.mtimeMs });
    else otherVersions.push({ base: Number(digits), path });
  }
  return { segments, otherVersions, foreign };
}

export interface RecordsRead {
  /** At least one record, unless there is none before the end. */
  readonly records: readonly FoundRecord[];
  /** Offset to continue at. */
  readonly next: number;
}

/**
 * Reads the next records of a segment, about a megabyte. Their `start` and `end` are offsets in the file.
 *
 * @param end of the segment, if it may be growing
 */
export async function readRecords(path: string, offset: number, end = Infinity): Promise<RecordsRead> {
  const handle = await open(path, READ);
  try {
    let wanted = CHUNK_BYTES;
    let from = offset;
    for (;;) {
      const chunk = await readChunk(handle, from, Math.min(wanted, end - from));
      const isEnd = chunk.length < wanted;
      const records = recordsIn(chunk, from, isEnd);
      const last = records.at(-1);
      if (last !== undefined) return { records, next: last.end };
      if (isEnd) return { records, next: from + chunk.length };
      const { resume, needs } = findRecord(chunk, 0);
      from += resume;
      wanted = Math.max(CHUNK_BYTES, needs);
    }
  } finally {
    await handle.close();
  }
}

/** Reads all intact records from an offset on. */
export async function* scanRecords(path: string, offset = 0, end = Infinity): AsyncGenerator<FoundRecord> {
  for (let next = offset; next < end;) {
    const read = await readRecords(path, next, end);
    yield* read.records;
    if (read.records.length === 0) return;
    next = read.next;
  }
}

/** End of the intact part of a segment. */
export interface Extent {
  /** In bytes. */
  readonly bytes: number;
  /** Number after the last line; undefined without an intact record. */
  readonly end: number | undefined;
}

export async function measureSegment(path: string): Promise<Extent> {
  let extent: Extent = { bytes: 0, end: undefined };
  for await (const record of scanRecords(path)) {
    extent = { bytes: record.end, end: Math.max(extent.end ?? 0, endOf(record)) };
  }
  return extent;
}

function recordsIn(chunk: Buffer, base: number, isEnd: boolean): FoundRecord[] {
  const records: FoundRecord[] = [];
  for (let { found } = findRecord(chunk, 0, isEnd); found !== undefined;) {
    records.push({ ...found, start: base + found.start, end: base + found.end });
    ({ found } = findRecord(chunk, found.end, isEnd));
  }
  return records;
}

async function readChunk(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  if (length <= 0) return Buffer.alloc(0);
  const chunk = Buffer.allocUnsafe(Math.max(length, HEADER_BYTES));
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(chunk, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return chunk.subarray(0, filled);
}
