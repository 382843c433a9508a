/**
 * A block of process frames, at most an hour of them. Pure; knows no files.
 *
 * Most of a frame is as in the frame before: what a process used is written as a line through the frames that it is in, figure
 * by figure, and deflate does the rest. Format, version 1; varint, zigzag and text as in `codec/block.ts`:
 *
 *     block   = version:byte(1) crc32:4 (little-endian, of all that follows) rawDeflate(body)
 *     body    = frames differences(time) differences(total)
 *               owners texts(name) texts(user) texts(unit) pid:varint*      one of each for each owner
 *               runs*                                                       for each owner
 *               cpu:zigzag* memory:zigzag* read:zigzag* written:zigzag*     for each owner and frame that it is in
 *     runs    = count:varint (skipped:varint length:varint)*                the frames that the owner is in
 *
 * An owner is a pid with its name, user and unit. Each figure is the difference to that of the same owner before. Units: ms,
 * tenths of a percent, KiB, bytes a second plus one (0: unknown).
 */
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

import type { ProcessFrame, ProcessUse } from '../../host/processes/frame.ts';
import type { Usage } from '../../host/processes/top.ts';
import { ByteReader } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';
import { CorruptBlockError } from '../codec/corrupt-block.ts';
import { readTexts, writeTexts } from '../codec/dictionary.ts';
import { readDifferences, writeDifferences } from '../codec/differences.ts';

export const FRAME_BLOCK_VERSION = 1;

/** An hour at one a second. */
export const MAX_FRAMES = 3600;
const MAX_OWNERS = 100_000;
const MAX_ENTRIES = 1_000_000;
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** So that differences stay exact. */
const LARGEST = 2 ** 49;

const CRC_END = 5;

const FIGURES: readonly { readonly toWhole: (use: ProcessUse) => number }[] = [
  { toWhole: ({ cpu }) => whole(cpu * 10) },
  { toWhole: ({ memory }) => whole(memory / 1024) },
  { toWhole: ({ read }) => (read === undefined ? 0 : whole(read) + 1) },
  { toWhole: ({ written }) => (written === undefined ? 0 : whole(written) + 1) },
];

interface Line {
  readonly first: ProcessUse;
  /** Indices of frames, ascending. */
  readonly frames: number[];
  readonly uses: ProcessUse[];
}

/** @param frames from 1 to `MAX_FRAMES`, oldest first, with distinct times of whole milliseconds @throws RangeError */
export function encodeFrames(frames: readonly ProcessFrame[]): Uint8Array {
  if (frames.length === 0 || frames.length > MAX_FRAMES)
    throw new RangeError(`A block has from 1 to ${MAX_FRAMES} frames, not ${frames.length}`);
  const lines = linesOf(frames);
  const writer = new ByteWriter();
  writer.varint(frames.length);
  writeDifferences(
    writer,
    Float64Array.from(frames, ({ at }) => at),
    2,
  );
  writeDifferences(
    writer,
    Float64Array.from(frames, ({ total }) => total),
    1,
  );
  writer.varint(lines.length);
  for (const text of ['name', 'user', 'unit'] as const)
    writeTexts(
      writer,
      lines.map(({ first }) => first[text]),
    );
  for (const { first } of lines) writer.varint(first.pid);
  for (const line of lines) writeRuns(writer, line.frames);
  for (const { toWhole } of FIGURES) {
    for (const { uses } of lines) writeDifferences(writer, Float64Array.from(uses, toWhole), 1);
  }
  const content = deflateRawSync(writer.finish(), { level: 9 });
  const block = Buffer.allocUnsafe(CRC_END + content.length);
  block[0] = FRAME_BLOCK_VERSION;
  block.writeUInt32LE(crc32(content), 1);
  block.set(content, CRC_END);
  return block;
}

/** @returns the frames, oldest first; processes by their appearance in the block @throws CorruptBlockError */
export function decodeFrames(block: Uint8Array): readonly ProcessFrame[] {
  const reader = new ByteReader(open(block));
  const size = reader.varint();
  if (size === 0 || size > MAX_FRAMES) throw new CorruptBlockError('the number of its frames is out of range');
  const times = readDifferences(reader, new Float64Array(size), 2);
  const totals = readDifferences(reader, new Float64Array(size), 1);
  const owners = readOwners(reader);
  let room = MAX_ENTRIES;
  const runs = owners.map(() => {
    const frames = readRuns(reader, size);
    room -= frames.length;
    if (room < 0) throw new CorruptBlockError('it has too many processes');
    return frames;
  });
  const figures = FIGURES.map(() => runs.map(({ length }) => readDifferences(reader, new Float64Array(length), 1)));
  const processes = Array.from({ length: size }, (): ProcessUse[] => []);
  for (const [index, owner] of owners.entries()) {
    for (const [place, frame] of (runs[index] ?? []).entries()) {
      const values = figures.map((each) => each[index]?.[place] ?? 0);
      processes[frame]?.push({ ...owner, ...usageOf(values) });
    }
  }
  return processes.map((each, index) => ({ at: times[index] ?? 0, total: totals[index] ?? 0, processes: each }));
}

/** @param figures as they are written */
function usageOf([cpu = 0, memory = 0, read = 0, written = 0]: readonly number[]): Usage {
  return { cpu: cpu / 10, memory: memory * 1024, read: rateOf(read), written: rateOf(written) };
}

function linesOf(frames: readonly ProcessFrame[]): readonly Line[] {
  const lines = new Map<string, Line>();
  for (const [index, { processes }] of frames.entries()) {
    for (const use of processes) {
      const key = `${use.pid}\n${use.name}\n${use.user}\n${use.unit}`;
      const line = lines.get(key) ?? { first: use, frames: [], uses: [] };
      if (line.frames.length === 0) lines.set(key, line);
      if (line.frames.at(-1) === index) continue; // twice in one frame
      line.frames.push(index);
      line.uses.push(use);
    }
  }
  return [...lines.values()];
}

function writeRuns(writer: ByteWriter, frames: readonly number[]): void {
  const runs: { start: number; length: number }[] = [];
  for (const frame of frames) {
    const last = runs.at(-1);
    if (last !== undefined && last.start + last.length === frame) last.length += 1;
    else runs.push({ start: frame, length: 1 });
  }
  writer.varint(runs.length);
  let end = 0;
  for (const { start, length } of runs) {
    writer.varint(start - end);
    writer.varint(length);
    end = start + length;
  }
}

function readRuns(reader: ByteReader, size: number): readonly number[] {
  const frames: number[] = [];
  let end = 0;
  for (let rest = reader.varint(); rest > 0; rest -= 1) {
    const start = end + reader.varint();
    end = start + reader.varint();
    if (end > size || end === start) throw new CorruptBlockError('a process is in frames that do not exist');
    for (let frame = start; frame < end; frame += 1) frames.push(frame);
  }
  return frames;
}

function readOwners(reader: ByteReader): readonly Pick<ProcessUse, 'pid' | 'name' | 'user' | 'unit'>[] {
  const size = reader.varint();
  if (size > MAX_OWNERS) throw new CorruptBlockError('it has too many processes');
  const [names, users, units] = [readTexts(reader, size), readTexts(reader, size), readTexts(reader, size)];
  return names.map((name, index) => ({
    pid: reader.varint(),
    name,
    user: users[index] ?? '',
    unit: units[index] ?? '',
  }));
}

function open(block: Uint8Array): Uint8Array {
  if (block[0] !== FRAME_BLOCK_VERSION) throw new CorruptBlockError(`its version is not ${FRAME_BLOCK_VERSION}`);
  if (block.length < CRC_END) throw new CorruptBlockError('it ends too early');
  const content = block.subarray(CRC_END);
  if (crc32(content) !== Buffer.from(block.buffer, block.byteOffset, CRC_END).readUInt32LE(1))
    throw new CorruptBlockError('its checksum is wrong');
  try {
    return inflateRawSync(content, { maxOutputLength: MAX_BODY_BYTES });
  } catch (cause) {
    throw new CorruptBlockError('it cannot be decompressed', { cause });
  }
}

function rateOf(figure: number): number | undefined {
  return figure === 0 ? undefined : figure - 1;
}

function whole(value: number): number {
  return Math.min(Math.max(0, Math.round(value)), LARGEST);
}
