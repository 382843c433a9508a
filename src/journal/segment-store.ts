/** The segments of a directory: appending, rolling, reading and deleting. */
import { lstat, mkdir, open, rename, truncate, unlink, type FileHandle } from 'node:fs/promises';

import type { Clock } from '../core/clock.ts';
import { errorCode } from '../core/errors.ts';
import { retryRename } from '../core/retry-rename.ts';

import { lockDirectory, type Lock } from './lock.ts';
import { WRITE_NEW } from './open-flags.ts';
import { encodeRecord, endOf, NEW_COUNT, type JournalRecord } from './record.ts';
import { listSegments, measureSegment, readRecords, segmentPath, type RecordsRead } from './segment-file.ts';

/** When appended records are fsynced: with each append, once a second, or never (left to the system). */
export type Sync = 'always' | 'interval' | 'none';

export interface SegmentStoreOptions {
  readonly directory: string;
  readonly sync: Sync;
  /** Bytes. */
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Called if written records may not be on disk. */
  readonly onSyncFailed: (error: unknown) => void;
}

/** Start of a record in a segment. */
export interface Place {
  /** Number of the segment's first line. */
  readonly base: number;
  /** In bytes. */
  readonly offset: number;
}

export interface RecordsAt extends RecordsRead {
  /** Place to continue at; undefined at the end of the journal. */
  readonly place: Place | undefined;
}

/** The result of recovery. */
export interface Recovery {
  /** Number after the last line; an estimate if later segments are unreadable. */
  readonly end: number;
  /** Spans of numbers that no line ever had. */
  readonly jumps: readonly (readonly [from: number, to: number])[];
  /** Bytes of an incomplete record at the end of the last segment. */
  readonly tornBytes: number;
  readonly otherVersions: readonly string[];
  readonly foreign: readonly string[];
}

interface Segment {
  readonly base: number;
  readonly path: string;
  bytes: number;
  /** Number after its last line; undefined for an existing segment that was not measured. */
  end: number | undefined;
  /** On the clock's `elapsed`, so that a step of the system clock does not change ages. */
  written: number;
}

interface ActiveSegment extends Segment {
  readonly handle: FileHandle;
  readonly begun: number;
  end: number;
}

const LARGEST_SEGMENT = 16 * 1024 * 1024;
const SMALLEST_SEGMENT = 64 * 1024;
/** With `interval`, appended records are fsynced within this time. Milliseconds. */
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
  /** Pending fsync and close of the previous segment. */
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

  /** Number of the oldest line; undefined if there is none. */
  get first(): number | undefined {
    return this.#segments[0]?.base;
  }

  /**
   * Creates the directory and locks it.
   *
   * @throws HeldError if another process holds the directory
   * @throws system errors
   */
  async prepare(): Promise<{ readonly isExclusive: boolean }> {
    if (this.#lock === undefined) {
      const { directory } = this.#options;
      await mkdir(directory, { recursive: true, mode: 0o750 });
      this.#lock = await lockDirectory(directory);
    }
    return this.#lock;
  }

  /** Reads the directory. Truncates the torn end of the last segment, if the directory is locked. */
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
   * @returns the place of each record
   * @throws system errors; then none of the records is written
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

  /** Reads the next records from a place on, none at the end. Missing and unreadable segments are skipped. */
  async read({ base, offset }: Place): Promise<RecordsAt> {
    const segment = this.#segments.find((each) => each.base === base) ?? this.#following(base);
    if (segment === undefined) return { records: [], next: 0, place: undefined };
    try {
      const { bytes } = segment;
      const read = await readRecords(segment.path, segment.base === base ? offset : 0, bytes);
      if (read.records.length > 0) return { ...read, place: { base: segment.base, offset: read.next } };
      // It has grown meanwhile, and may not be the last one any more: what follows it is not the next segment.
      if (segment.bytes > bytes) return await this.read({ base, offset });
      if (segment === this.#segments.at(-1)) return { ...read, place: { base: segment.base, offset: bytes } };
    } catch (error) {
      // Deleted, or a bad sector: the number of the next record shows what is missing. Other errors may be transient.
      if (!['ENOENT', 'EIO', 'ELOOP'].includes(errorCode(error) ?? '')) throw error;
    }
    const following = this.#following(segment.base);
    return following === undefined
      ? { records: [], next: 0, place: undefined }
      : this.read({ base: following.base, offset: 0 });
  }

  /** Finds the record that contains a line, or the first one after it. */
  async locate(position: number): Promise<Place | undefined> {
    const segment = this.#segments.findLast(({ base }) => base <= position) ?? this.#segments[0];
    if (segment === undefined) return undefined;
    let place: Place = { base: segment.base, offset: 0 };
    for (;;) {
      const { records, place: next } = await this.read(place);
      const found = records.find((record) => endOf(record) > position);
      // The read may have moved on to a later segment.
      if (found !== undefined) return { base: next?.base ?? place.base, offset: found.start };
      if (next === undefined || records.length === 0) return next;
      place = next;
    }
  }

  /** Bytes from a place on. */
  bytesFrom({ base, offset }: Place): number {
    const after = this.#segments.filter((segment) => segment.base > base);
    const own = this.#segments.find((segment) => segment.base === base);
    return after.reduce((sum, segment) => sum + segment.bytes, Math.max(0, (own?.bytes ?? 0) - offset));
  }

  /** Number after the last line of the oldest segment; undefined if that is still active. */
  get oldestEnd(): number | undefined {
    const [oldest, second] = this.#segments;
    return oldest === this.#active ? undefined : (second?.base ?? oldest?.end);
  }

  /** Time since the last write to the oldest segment. Milliseconds. */
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

  /** Closes the active segment; the next append starts a new one. */
  async roll(): Promise<void> {
    const active = this.#active;
    if (active === undefined) return;
    this.#active = undefined;
    this.#cancelSync?.();
    this.#cancelSync = undefined;
    // One at a time, so that unsynced data stays bounded.
    await this.#ending;
    this.#ending = this.#end(active).catch(this.#options.onSyncFailed);
  }

  /** Closes the active segment and gives up the lock, which may lie in a deleted directory; the next append takes a new one. */
  async leave(): Promise<void> {
    await this.roll();
    await this.#unlock();
  }

  /** Age of the active segment in milliseconds. */
  get activeAge(): number {
    return this.#active === undefined ? 0 : this.#clock.elapsed() - this.#active.begun;
  }

  /** Whether the active segment still exists at its path; it may have been removed from outside. */
  async isActiveInPlace(): Promise<boolean> {
    if (this.#active === undefined) return true;
    const { handle, path } = this.#active;
    // An error, such as that of a file that an NFS server has no more, must not keep the next segment from being begun.
    const [written, found] = await Promise.all(
      [handle.stat(), lstat(path)].map((status) => status.catch(() => undefined)),
    );
    return written !== undefined && written.ino === found?.ino && written.dev === found.dev;
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
      // The directory was deleted, with the lock: the next attempt recreates both.
      if (errorCode(error) === 'ENOENT') await this.#unlock();
      if (errorCode(error) !== 'EEXIST') throw error;
      // It holds no known lines, so it is not one of our segments. It is renamed, not deleted.
      await retryRename(() => rename(path, `${path}.aside`));
      return open(path, WRITE_NEW, 0o640);
    }
  }

  async #unlock(): Promise<void> {
    await this.#lock?.release();
    this.#lock = undefined;
  }

  /** After a failed write: truncates the partial data, and deletes the segment if it has nothing else. */
  async #abandon(active: ActiveSegment): Promise<void> {
    this.#active = undefined;
    this.#cancelSync?.();
    this.#cancelSync = undefined;
    const isEmpty = active.bytes === 0;
    if (isEmpty) this.#segments = this.#segments.filter((segment) => segment !== active);
    // By the path: Windows refuses it on a handle that appends. Even if this fails, readers stop at the end of the complete records.
    await Promise.allSettled([isEmpty ? unlink(active.path) : truncate(active.path, active.bytes)]);
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
      // The previous segment may be torn as well, if a process died before it could write a complete record.
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

  /** Syncs at once after a pause: the process is awake anyway, and its work for these lines is done. */
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
  // After a short write the next call reports the reason.
  const rest = Buffer.concat(parts).subarray(bytesWritten);
  for (let written = 0; written < rest.length;) {
    const result = await handle.write(rest, written, rest.length - written, position + bytesWritten + written);
    written += result.bytesWritten;
  }
}
