/** The segments of a directory: appending, rolling over, reading on, and what the bounds take away. */
import { lstat, mkdir, open, rename, truncate, unlink, type FileHandle } from 'node:fs/promises';

import type { Clock } from '../core/clock.ts';
import { errorCode } from '../core/errors.ts';

import { lockDirectory, type Lock } from './lock.ts';
import { WRITE_NEW } from './open-flags.ts';
import { encodeRecord, endOf, NEW_COUNT, type JournalRecord } from './record.ts';
import { listSegments, measureSegment, readRecords, segmentPath, type RecordsRead } from './segment-file.ts';

/** When what was appended is forced to the disk: with each group, once a second, or when the system likes. */
export type Sync = 'always' | 'interval' | 'none';

export interface SegmentStoreOptions {
  readonly directory: string;
  readonly sync: Sync;
  /** Bytes. */
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Something that was written may not be on the disk. */
  readonly onSyncFailed: (error: unknown) => void;
}

/** A place in a segment where a record begins. */
export interface Place {
  /** Number of the segment's first line. */
  readonly base: number;
  /** In bytes. */
  readonly offset: number;
}

export interface RecordsAt extends RecordsRead {
  /** Where to go on; undefined at the end of all. */
  readonly place: Place | undefined;
}

/** What was in the directory. */
export interface Recovery {
  /** The number after the last line, or as near to it as segments tell that cannot be read. */
  readonly end: number;
  /** Spans of numbers that were never given to a line. */
  readonly jumps: readonly (readonly [from: number, to: number])[];
  /** Bytes at the end of the last segment that are no whole record. */
  readonly tornBytes: number;
  readonly otherVersions: readonly string[];
  readonly foreign: readonly string[];
}

interface Segment {
  readonly base: number;
  readonly path: string;
  bytes: number;
  /** The number after its last line; undefined for one that was there already and has not been looked into. */
  end: number | undefined;
  /** On the clock's `elapsed`, so that a system clock that is set makes nothing older. */
  written: number;
}

interface ActiveSegment extends Segment {
  readonly handle: FileHandle;
  readonly begun: number;
  end: number;
}

const LARGEST_SEGMENT = 16 * 1024 * 1024;
const SMALLEST_SEGMENT = 64 * 1024;
/** With `interval`, what was appended is forced to the disk within this time. Milliseconds. */
const SYNC_MS = 1000;

export class SegmentStore {
  readonly #options: SegmentStoreOptions;
  readonly #clock: Clock;
  readonly #segmentBytes: number;
  #lock: Lock | undefined;
  #segments: Segment[] = [];
  #active: ActiveSegment | undefined;
  #cancelSync: (() => void) | undefined;
  #syncedAt = -Infinity;
  /** While the segment that was ended last is forced to the disk and closed. */
  #ending: Promise<void> = Promise.resolve();
  #bytes = 0;

  constructor(options: SegmentStoreOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#segmentBytes = Math.max(SMALLEST_SEGMENT, Math.min(LARGEST_SEGMENT, options.maxBytes / 8));
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#segments.length;
  }

  /** Number of the first line that may be read; undefined if there is none. */
  get first(): number | undefined {
    return this.#segments[0]?.base;
  }

  /**
   * Makes the directory, and the lock in it.
   *
   * @throws HeldError if another process has the directory
   * @throws what the file system says
   */
  async prepare(): Promise<{ readonly isExclusive: boolean }> {
    if (this.#lock === undefined) {
      await mkdir(this.#options.directory, { recursive: true, mode: 0o750 });
      this.#lock = await lockDirectory(this.#options.directory);
    }
    return this.#lock;
  }

  /** Finds out what is there. The torn end of the last segment is cut off, if the directory could be prepared. */
  async recover(): Promise<Recovery> {
    const { segments, otherVersions, foreign } = await listSegments(this.#options.directory);
    const [wall, elapsed] = [this.#clock.now(), this.#clock.elapsed()];
    this.#segments = segments.map(({ base, path, bytes, modified }) => ({
      base,
      path,
      bytes,
      end: undefined,
      written: elapsed - Math.max(0, wall - modified),
    }));
    const tornBytes = await this.#cutTornEnd();
    const jumps = await this.#findJumps();
    this.#bytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    const known = this.#segments.at(-1);
    const end = Math.max(0, known?.end ?? 0, ...otherVersions.map(({ base }) => base + 1));
    return { end, jumps, tornBytes, otherVersions: otherVersions.map(({ path }) => path), foreign };
  }

  /**
   * Appends records.
   *
   * @returns where each of them begins
   * @throws what the file system says; then nothing of them is there
   */
  async append(records: readonly JournalRecord[]): Promise<readonly Place[]> {
    const [first] = records;
    if (first === undefined) throw new RangeError('No records to append');
    await this.prepare();
    if (this.#isDue(this.#active)) await this.roll();
    this.#active ??= await this.#begin(first.first);
    const active = this.#active;
    try {
      const places: Place[] = [];
      const parts: Uint8Array[] = [];
      let offset = active.bytes;
      for (const record of records) {
        const [header, payload] = encodeRecord(record);
        places.push({ base: active.base, offset });
        parts.push(header, payload);
        offset += header.length + payload.length;
      }
      await writeAll(active.handle, parts, active.bytes);
      if (this.#options.sync === 'always') await active.handle.datasync();
      else if (this.#options.sync === 'interval') this.#syncSoon();
      this.#bytes += offset - active.bytes;
      active.bytes = offset;
      active.end = Math.max(...records.slice(-1).map(endOf));
      active.written = this.#clock.elapsed();
      return places;
    } catch (error) {
      await this.#abandon(active);
      throw error;
    }
  }

  /** The next records from a place on, none at the end of all. A segment that is gone or cannot be read is passed over. */
  async read({ base, offset }: Place): Promise<RecordsAt> {
    const segment = this.#segments.find((each) => each.base === base) ?? this.#following(base);
    if (segment === undefined) return { records: [], next: 0, place: undefined };
    try {
      const { bytes } = segment;
      const read = await readRecords(segment.path, segment.base === base ? offset : 0, bytes);
      if (read.records.length > 0) return { ...read, place: { base: segment.base, offset: read.next } };
      if (segment === this.#segments.at(-1)) return { ...read, place: { base: segment.base, offset: bytes } };
    } catch (error) {
      // Gone, or a bad sector: the numbers of the next record will say what is missing. Anything else may pass.
      if (!['ENOENT', 'EIO', 'ELOOP'].includes(errorCode(error) ?? '')) throw error;
    }
    const following = this.#following(segment.base);
    return following === undefined
      ? { records: [], next: 0, place: undefined }
      : this.read({ base: following.base, offset: 0 });
  }

  /** The place of the record that holds a line, or of the first one after it. */
  async locate(position: number): Promise<Place | undefined> {
    const segment = this.#segments.findLast(({ base }) => base <= position) ?? this.#segments[0];
    if (segment === undefined) return undefined;
    let place: Place = { base: segment.base, offset: 0 };
    for (;;) {
      const { records, place: next } = await this.read(place);
      const found = records.find((record) => endOf(record) > position);
      // The base may be that of a later segment by now.
      if (found !== undefined) return { base: next?.base ?? place.base, offset: found.start };
      if (next === undefined || records.length === 0) return next;
      place = next;
    }
  }

  /** How many bytes there are from a place on. */
  bytesFrom({ base, offset }: Place): number {
    const after = this.#segments.filter((segment) => segment.base > base);
    const own = this.#segments.find((segment) => segment.base === base);
    return after.reduce((sum, segment) => sum + segment.bytes, Math.max(0, (own?.bytes ?? 0) - offset));
  }

  /** The number of the first line after the oldest segment; undefined if that is still written to. */
  get oldestEnd(): number | undefined {
    const [oldest, second] = this.#segments;
    return oldest === this.#active ? undefined : (second?.base ?? oldest?.end);
  }

  /** How long ago the oldest segment was written. Milliseconds. */
  get oldestAge(): number {
    return this.#clock.elapsed() - (this.#segments[0]?.written ?? this.#clock.elapsed());
  }

  /** Deletes the oldest segment. */
  async removeOldest(): Promise<void> {
    const [oldest] = this.#segments;
    if (oldest === undefined) return;
    try {
      await unlink(oldest.path);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    this.#segments = this.#segments.filter((segment) => segment !== oldest);
    this.#bytes -= oldest.bytes;
  }

  /** Ends the segment that is written to; the next append begins another one. */
  async roll(): Promise<void> {
    const active = this.#active;
    if (active === undefined) return;
    this.#active = undefined;
    this.#cancelSync?.();
    this.#cancelSync = undefined;
    // One at a time, so that what is not on the disk yet stays bounded.
    await this.#ending;
    this.#ending = this.#end(active).catch(this.#options.onSyncFailed);
  }

  /** How long the segment that is written to has been open, in milliseconds. */
  get activeAge(): number {
    return this.#active === undefined ? 0 : this.#clock.elapsed() - this.#active.begun;
  }

  /** Whether the segment that is written to is where readers look for it; somebody may have removed it. */
  async isActiveInPlace(): Promise<boolean> {
    if (this.#active === undefined) return true;
    const { handle, path } = this.#active;
    const [written, found] = await Promise.all([handle.stat(), lstat(path).catch(() => undefined)]);
    return written.ino === found?.ino;
  }

  async close(): Promise<void> {
    try {
      await this.roll();
      await this.#ending;
    } finally {
      await this.#unlock();
    }
  }

  #isDue(active: ActiveSegment | undefined): boolean {
    return active !== undefined && active.bytes >= this.#segmentBytes;
  }

  #following(base: number): Segment | undefined {
    return this.#segments.find((segment) => segment.base > base);
  }

  async #begin(base: number): Promise<ActiveSegment> {
    const path = segmentPath(this.#options.directory, base);
    const handle = await this.#openNew(path);
    const begun = this.#clock.elapsed();
    const active = { base, path, bytes: 0, end: base, written: begun, handle, begun };
    this.#segments.push(active);
    return active;
  }

  async #openNew(path: string): Promise<FileHandle> {
    try {
      return await open(path, WRITE_NEW, 0o640);
    } catch (error) {
      // The directory is gone, and the lock with it: both are made again with the next attempt.
      if (errorCode(error) === 'ENOENT') await this.#unlock();
      if (errorCode(error) !== 'EEXIST') throw error;
      // It is no segment that holds anything, or its lines would be known. It is moved aside and not deleted.
      await rename(path, `${path}.aside`);
      return open(path, WRITE_NEW, 0o640);
    }
  }

  async #unlock(): Promise<void> {
    await this.#lock?.release();
    this.#lock = undefined;
  }

  /** After a failed write: what there is of it goes, and the segment with it if it holds nothing else. */
  async #abandon(active: ActiveSegment): Promise<void> {
    this.#active = undefined;
    this.#cancelSync?.();
    this.#cancelSync = undefined;
    const isEmpty = active.bytes === 0;
    if (isEmpty) this.#segments = this.#segments.filter((segment) => segment !== active);
    // Whether this works or not, readers go no further than what was written whole.
    await Promise.allSettled([isEmpty ? unlink(active.path) : active.handle.truncate(active.bytes)]);
    await Promise.allSettled([active.handle.close()]);
  }

  async #end({ handle }: ActiveSegment): Promise<void> {
    try {
      if (this.#options.sync !== 'none') await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  async #cutTornEnd(): Promise<number> {
    const last = this.#segments.at(-1);
    if (last === undefined) return 0;
    const extent = await measureSegment(last.path);
    const tornBytes = last.bytes - extent.bytes;
    last.bytes = extent.bytes;
    last.end = extent.end ?? last.base;
    const mayChange = this.#lock !== undefined;
    if (extent.end === undefined) {
      if (mayChange) await unlink(last.path);
      this.#segments.pop();
      // The one before may be torn as well: a process that could write nothing more before it ended.
      return tornBytes + (await this.#cutTornEnd());
    }
    if (tornBytes > 0 && mayChange) await truncate(last.path, extent.bytes);
    return tornBytes;
  }

  async #findJumps(): Promise<(readonly [number, number])[]> {
    const jumps: (readonly [number, number])[] = [];
    for (const [index, { base, path }] of this.#segments.entries()) {
      const next = this.#segments[index + 1];
      if (next === undefined || next.base - base <= NEW_COUNT) continue;
      const { end = base } = await measureSegment(path);
      jumps.push([end, next.base]);
    }
    return jumps;
  }

  /** At once after a pause: then the process is awake, and what it has to do for these lines is done. */
  #syncSoon(): void {
    if (this.#cancelSync !== undefined) return;
    const since = this.#clock.elapsed() - this.#syncedAt;
    if (since >= SYNC_MS / 2) this.#sync();
    else {
      this.#cancelSync = this.#clock.after(SYNC_MS - since, () => {
        this.#cancelSync = undefined;
        this.#sync();
      });
    }
  }

  #sync(): void {
    this.#syncedAt = this.#clock.elapsed();
    if (this.#active === undefined) return;
    this.#active.handle.datasync().catch(this.#options.onSyncFailed);
  }
}

async function writeAll(handle: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const { bytesWritten } = await handle.writev(parts, position);
  if (bytesWritten === total) return;
  // The system takes part of it, and says why with the next call.
  const rest = Buffer.concat(parts).subarray(bytesWritten);
  for (let written = 0; written < rest.length;) {
    const result = await handle.write(rest, written, rest.length - written, position + bytesWritten + written);
    written += result.bytesWritten;
  }
}
