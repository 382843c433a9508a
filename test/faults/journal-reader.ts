/**
 * A second reader of the journal's files, written from the description of the format and not from the code: if both agree, the
 * description is complete.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, crc32, inflateRawSync } from 'node:zlib';

const SEGMENT_NAME = /^\d{16}\.v1\.seg$/;
const MAGIC = Buffer.from('HDJ1');
const HEADER_BYTES = 44;

export interface FoundRecord {
  /** Name of its segment. */
  readonly segment: string;
  /** Number of its first line. */
  readonly first: number;
  /** Number of lines. */
  readonly size: number;
  /** Milliseconds since the Unix epoch. */
  readonly closedAt: number;
  /** Bytes in the file. */
  readonly length: number;
  /** @throws if they do not match the header */
  text(): string;
}

export interface FoundJournal {
  /** Numbers of the first lines, by the names of the segments, in order. */
  readonly segments: readonly number[];
  /** Intact records, in the order of the files. */
  readonly records: readonly FoundRecord[];
  /** Bytes outside intact records. */
  readonly damagedBytes: number;
  /** The number after the last line; 0 for a journal without a segment. */
  readonly end: number;
}

/** The journal must not be written meanwhile. */
export function readJournal(directory: string): FoundJournal {
  const names = readdirSync(directory)
    .filter((name) => SEGMENT_NAME.test(name))
    .sort();
  const found = names.map((name) => readSegment(name, readFileSync(join(directory, name))));
  const segments = names.map((name) => Number.parseInt(name, 10));
  const records = found.flatMap((segment) => segment.records);
  const last = records.at(-1);
  return {
    segments,
    records,
    damagedBytes: found.reduce((sum, segment) => sum + segment.damagedBytes, 0),
    end: Math.max(last === undefined ? 0 : last.first + last.size, segments.at(-1) ?? 0),
  };
}

function readSegment(segment: string, bytes: Buffer): Pick<FoundJournal, 'records' | 'damagedBytes'> {
  const records: FoundRecord[] = [];
  let [offset, sound] = [0, 0];
  while (offset < bytes.length) {
    const length = soundRecordAt(bytes, offset);
    if (length !== undefined) {
      records.push(decode(segment, bytes.subarray(offset, offset + length)));
      offset += length;
      sound += length;
      continue;
    }
    const next = bytes.indexOf(MAGIC, offset + 1);
    offset = next === -1 ? bytes.length : next;
  }
  return { records, damagedBytes: bytes.length - sound };
}

/** @returns the length of the record at this position, or undefined */
function soundRecordAt(bytes: Buffer, offset: number): number | undefined {
  const header = bytes.subarray(offset, offset + HEADER_BYTES);
  if (header.length < HEADER_BYTES || !header.subarray(0, 4).equals(MAGIC)) return undefined;
  if (header.readUInt32LE(4) !== crc32(header.subarray(8))) return undefined;
  const length = header.readUInt32LE(8);
  const payload = bytes.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + length);
  return payload.length === length && header.readUInt32LE(12) === crc32(payload) ? HEADER_BYTES + length : undefined;
}

function decode(segment: string, record: Buffer): FoundRecord {
  return {
    segment,
    first: Number(record.readBigUInt64LE(16)),
    closedAt: Number(record.readBigUInt64LE(24)),
    size: record.readUInt32LE(32),
    length: record.length,
    text: () => {
      const lines = inflateRawSync(record.subarray(HEADER_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
      if (lines.length !== record.readUInt32LE(36)) throw new Error(`${segment}: wrong length of lines`);
      if (crc32(lines) !== record.readUInt32LE(40)) throw new Error(`${segment}: wrong checksum of lines`);
      return lines.toString();
    },
  };
}

export interface FoundCursor {
  readonly position: number;
  readonly backlogFrom: number;
  readonly backlogTo: number;
}

const SLOT_BYTES = 128;

/** The cursor of an output, read after the description of its file. @throws if neither slot is intact */
export function readCursor(path: string): FoundCursor {
  const bytes = readFileSync(path);
  const sound = [0, 1]
    .map((slot) => bytes.toString('latin1', slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES))
    .flatMap((slot) => {
      const text = slot.slice(0, -10);
      const isSound = slot.length === SLOT_BYTES && crc32(text) === Number.parseInt(slot.slice(-9, -1), 16);
      return isSound && text.startsWith('healthd-cursor 1 ') ? [text.trim().split(' ').slice(2).map(Number)] : [];
    });
  const [latest] = sound.sort(([one = 0], [other = 0]) => other - one);
  if (latest === undefined) throw new Error(`${path}: no intact slot`);
  const [, position = NaN, backlogFrom = NaN, backlogTo = NaN] = latest;
  return { position, backlogFrom, backlogTo };
}
