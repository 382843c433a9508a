/**
 * A look into a journal's directory from outside: it takes no lock and changes nothing, so it may be done while a process
 * writes there. What that process has not written yet is not seen, and what it deletes meanwhile is passed over.
 */
import { access } from 'node:fs/promises';

import { unpackLines } from '../metric/packed-lines.ts';
import { errorCode } from '../core/errors.ts';

import type { SavedProgress } from './cursor-file.ts';
import { findCursors } from './cursor-files.ts';
import { Gaps } from './gaps.ts';
import { findHolder } from './lock.ts';
import { endOf, NEW_COUNT, type FoundRecord, type JournalRecord } from './record.ts';
import { listSegments, measureSegment, scanRecords, type Extent, type SegmentFile } from './segment-file.ts';

export interface JournalView {
  /** What the process that has the journal says of itself: its number. Undefined if nobody has it. */
  readonly holder: string | undefined;
  readonly segments: number;
  readonly bytes: number;
  /** When the oldest group of lines was closed, in milliseconds since the Unix epoch. */
  readonly oldest: number | undefined;
  /** Paths of segments that another version of healthd wrote. */
  readonly otherVersions: readonly string[];
  /** In the order of their names. */
  readonly cursors: readonly CursorView[];
}

export interface CursorView {
  readonly name: string;
  /** Undefined if its file is damaged: then its output gets everything again. */
  readonly progress: SavedProgress | undefined;
  /** What was not delivered yet, the backlog included. */
  readonly lag: Lag;
  /** Of these, put off. */
  readonly backlogLines: number;
}

export interface Lag {
  readonly lines: number;
  /** Compressed. */
  readonly bytes: number;
  /** When the oldest group of them was closed, in milliseconds since the Unix epoch; undefined without lines. */
  readonly oldest: number | undefined;
}

/** @returns undefined if there is no such directory */
export async function inspectJournal(directory: string): Promise<JournalView | undefined> {
  if (!(await isThere(directory))) return undefined;
  const found = await findCursors(directory);
  // After the cursors, so that what they have passed is there.
  const { segments, otherVersions } = await listSegments(directory);
  const measure = await Measure.of(segments);
  const cursors: CursorView[] = [];
  for (const [name, { progress }] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    cursors.push({ name, progress, ...(await measure.lagOf(progress)) });
  }
  return {
    holder: await holderOf(directory),
    segments: segments.length,
    bytes: segments.reduce((sum, segment) => sum + segment.bytes, 0),
    oldest: (await measure.find(0))?.time,
    otherVersions: otherVersions.map(({ path }) => path),
    cursors,
  };
}

async function isThere(directory: string): Promise<boolean> {
  try {
    await access(directory);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function holderOf(directory: string): Promise<string | undefined> {
  try {
    return await findHolder(directory);
  } catch (error) {
    if (['EACCES', 'EPERM'].includes(errorCode(error) ?? '')) return 'of another user';
    throw error;
  }
}

/** Where a line lies, or the first one after it. */
interface Spot {
  /** Bytes of the journal before its record. */
  readonly before: number;
  readonly time: number;
}

/** Turns numbers of lines into bytes and times. */
class Measure {
  readonly #segments: readonly SegmentFile[];
  readonly #gaps = new Gaps();
  /** The number after the last line that is written. */
  #end = 0;

  static async of(segments: readonly SegmentFile[]): Promise<Measure> {
    const measure = new Measure(segments);
    for (const { path } of segments.toReversed()) {
      measure.#end = (await extentOf(path)).end ?? 0;
      if (measure.#end > 0) break;
    }
    for (const [index, { base, path }] of segments.entries()) {
      const next = segments[index + 1]?.base ?? base;
      if (next - base > NEW_COUNT) measure.#gaps.add((await extentOf(path)).end ?? base, next);
    }
    return measure;
  }

  private constructor(segments: readonly SegmentFile[]) {
    this.#segments = segments;
  }

  async lagOf(progress: SavedProgress | undefined): Promise<Pick<CursorView, 'lag' | 'backlogLines'>> {
    const { position, backlogFrom, backlogTo } = progress ?? { position: 0, backlogFrom: 0, backlogTo: 0 };
    const backlog = await this.#between(backlogFrom, Math.min(backlogTo, position));
    const live = await this.#between(position, this.#end);
    const lag = {
      lines: backlog.lines + live.lines,
      bytes: backlog.bytes + live.bytes,
      oldest: backlog.oldest ?? live.oldest,
    };
    return { lag, backlogLines: backlog.lines };
  }

  /** The record with the line of that number, or the first one after it. */
  async find(position: number): Promise<Spot | undefined> {
    const holding = this.#segments.findLastIndex(({ base }) => base <= position);
    let before = this.#bytesBefore(Math.max(0, holding));
    for (const { path, bytes } of this.#segments.slice(Math.max(0, holding))) {
      for await (const record of recordsOf(path, bytes)) {
        if (endOf(record) > position) return { before: before + record.start, time: record.time };
      }
      before += bytes;
    }
    return undefined;
  }

  async #between(from: number, to: number): Promise<Lag> {
    const first = Math.max(from, this.#segments[0]?.base ?? 0);
    const lines = this.#gaps.lines(first, Math.min(to, this.#end));
    if (lines === 0) return { lines, bytes: 0, oldest: undefined };
    const start = await this.find(first);
    const end = to >= this.#end ? undefined : await this.find(to);
    const bytes = (end?.before ?? this.#bytesBefore(this.#segments.length)) - (start?.before ?? Infinity);
    return { lines, bytes: Math.max(0, bytes), oldest: start?.time };
  }

  #bytesBefore(index: number): number {
    return this.#segments.slice(0, index).reduce((sum, segment) => sum + segment.bytes, 0);
  }
}

/** Lines of one record. */
export interface LineGroup {
  readonly lines: Uint8Array;
  /** How many. */
  readonly size: number;
}

/** Everything that was written to a journal up to now, in its order. */
export class JournalScan {
  readonly #segments: readonly SegmentFile[];
  /** Segments that another version of healthd wrote, and that are left out. */
  readonly otherVersions: readonly string[];
  #missing = 0;

  /** A directory that does not exist holds nothing. */
  static async open(directory: string): Promise<JournalScan> {
    const { segments, otherVersions } = await listSegments(directory);
    return new JournalScan(
      segments,
      otherVersions.map(({ path }) => path),
    );
  }

  private constructor(segments: readonly SegmentFile[], otherVersions: readonly string[]) {
    this.#segments = segments;
    this.otherVersions = otherVersions;
  }

  /** There is nothing to read. */
  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** Lines in between, as far as it has been read, that are damaged or gone. */
  get missingLines(): number {
    return this.#missing;
  }

  async *groups(): AsyncGenerator<LineGroup> {
    let expected: number | undefined;
    for (const { path, bytes } of this.#segments) {
      for await (const record of recordsOf(path, bytes)) {
        const jump = record.first - (expected ?? record.first);
        if (jump > 0 && jump <= NEW_COUNT) this.#missing += jump;
        expected = endOf(record);
        const group = this.#unpack(record);
        if (group !== undefined) yield group;
      }
    }
  }

  #unpack({ packed }: JournalRecord): LineGroup | undefined {
    try {
      return { lines: unpackLines(packed), size: packed.size };
    } catch {
      this.#missing += packed.size;
      return undefined;
    }
  }
}

/** Nothing of a segment that has been deleted, or from a bad sector on: numbers will say what is missing. */
async function* recordsOf(path: string, end: number): AsyncGenerator<FoundRecord> {
  try {
    yield* scanRecords(path, 0, end);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
}

async function extentOf(path: string): Promise<Extent> {
  try {
    return await measureSegment(path);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { bytes: 0, end: undefined };
  }
}

function isUnreadable(error: unknown): boolean {
  return ['ENOENT', 'EIO', 'ELOOP'].includes(errorCode(error) ?? '');
}
