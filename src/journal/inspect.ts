/**
 * Inspects a journal's directory read-only and without the lock, so it is safe while another process writes there. Lines not
 * written yet are not seen, and segments deleted meanwhile are skipped.
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
  /** PID of the process that holds the journal, as it reports it; undefined if there is none. */
  readonly holder: string | undefined;
  readonly segments: number;
  readonly bytes: number;
  /** Time of the oldest record, milliseconds since the Unix epoch. */
  readonly oldest: number | undefined;
  /** Paths of segments in the format of another version of healthd. */
  readonly otherVersions: readonly string[];
  /** Sorted by name. */
  readonly cursors: readonly CursorView[];
}

export interface CursorView {
  readonly name: string;
  /** Undefined if the file is damaged: its output then starts again at the oldest line. */
  readonly progress: SavedProgress | undefined;
  /** Undelivered lines, including the backlog. */
  readonly lag: Lag;
  /** Lines of these in the backlog. */
  readonly backlogLines: number;
}

export interface Lag {
  readonly lines: number;
  /** Compressed. */
  readonly bytes: number;
  /** Time of the oldest undelivered record, milliseconds since the Unix epoch; undefined without lines. */
  readonly oldest: number | undefined;
}

/** @returns undefined if the directory does not exist */
export async function inspectJournal(directory: string): Promise<JournalView | undefined> {
  if (!(await exists(directory))) return undefined;
  const found = await findCursors(directory);
  // After the cursors, so that every position they hold is covered.
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

async function exists(directory: string): Promise<boolean> {
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

/** Position of a line, or of the first one after it. */
interface Spot {
  /** Bytes of the journal before the record. */
  readonly before: number;
  readonly time: number;
}

/** Maps line numbers to bytes and times. */
class Measure {
  readonly #segments: readonly SegmentFile[];
  readonly #gaps = new Gaps();
  /** Number after the last line on disk. */
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

  /** Finds the record that contains a line, or the first one after it. */
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
  /** Number of lines. */
  readonly size: number;
}

/** Reads all lines of a journal in order, up to now. */
export class JournalScan {
  readonly #segments: readonly SegmentFile[];
  /** Segments in the format of another version, which are skipped. */
  readonly otherVersions: readonly string[];
  #missing = 0;

  /** A directory that does not exist is an empty journal. */
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

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** Lines found damaged or missing so far. */
  get missingLines(): number {
    return this.#missing;
  }

  /** @param from number of the first line that is needed; a group may begin before it */
  async *groups(from = 0): AsyncGenerator<LineGroup> {
    let expected: number | undefined;
    const holding = this.#segments.findLastIndex(({ base }) => base <= from);
    for (const { path, bytes } of this.#segments.slice(Math.max(0, holding))) {
      for await (const record of recordsOf(path, bytes)) {
        if (endOf(record) <= from) continue;
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

/** Yields nothing for a deleted segment, and stops at a bad sector: the gap in line numbers shows what is missing. */
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
