/** The disk side of the journal: writes records from memory, deletes segments that are no longer needed, retries on errors. */
import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';

import { findCursors, type FoundCursor } from './cursor-files.ts';
import type { JournalStatus } from './journal.ts';
import { HeldError } from './lock.ts';
import { SegmentStore, type Place, type Recovery, type Sync } from './segment-store.ts';
import type { Tail, TailRecord } from './tail.ts';

export interface DiskOptions {
  readonly directory: string;
  readonly sync: Sync;
  /** Maximum bytes on disk. */
  readonly maxBytes: number;
  /** Older lines are dropped. Milliseconds. */
  readonly maxAge: number;
  /** Minimum time for which sent lines are kept. Milliseconds. */
  readonly keep: number;
}

export type DiskStatus = Omit<JournalStatus, 'nextLine' | 'memoryBytes' | 'idle'>;

/** What the disk needs of the journal. */
export interface DiskUser {
  readonly tail: Tail;
  /** Bytes of lines that are only in memory. */
  readonly memoryBytes: number;
  /** Number of the first line that some cursor still needs. */
  readonly neededFrom: number;
  /** The directory was read. */
  recovered(recovery: Recovery, cursors: Map<string, FoundCursor>): void;
  /** Records were written and have a place. */
  stored(): void;
  /** A write failed; it will be tried again. */
  failed(error: unknown): void;
  /** Lines before this number are gone. */
  lostUpTo(number: number): void;
  /** Resolves after fsync of the cursors. */
  syncCursors(): Promise<void>;
  /** Resolves when every new reader has saved its cursor, or after a short timeout. */
  cursorsSaved(): Promise<void>;
  /** The cursors found on disk; others were removed from outside. */
  cursorsAre(names: ReadonlySet<string>): void;
}

/** Maximum size of one write; lines that arrive meanwhile are in the next. Bytes before compression. */
const WRITE_BYTES = 2 * 1024 * 1024;

/** Retry interval after a failed write. */
const RETRY_MS = 5000;

const MAINTENANCE_MS = 60_000;

/** Part of `maxBytes`. */
const FULL = 0.9;

/** Interval of the checks that the files are still there, while lines are written. */
const PLACE_MS = 5000;

/** Maximum age of an open segment, so that it can be deleted when no longer needed. */
const LONGEST_SEGMENT_MS = 3_600_000;

export class Disk {
  readonly store: SegmentStore;
  readonly #options: DiskOptions;
  readonly #user: DiskUser;
  readonly #clock: Clock;
  readonly #log: Logger;
  #working: Promise<void> | undefined;
  /** Counts requests to `work`. */
  #asked = 0;
  #isMaintenanceDue = false;
  /** Of the last check, on the clock's `elapsed`. */
  #placeCheckedAt = 0;
  #isRecovered = false;
  #isClosed = false;
  /** Since when writes fail, on the clock's `elapsed`. */
  #failingSince: number | undefined;
  #writeErrors = 0;
  #cancelRetry: (() => void) | undefined;
  #cancelMaintenance: (() => void) | undefined;

  constructor(options: DiskOptions, user: DiskUser, clock: Clock, log: Logger) {
    this.#options = options;
    this.#user = user;
    this.#clock = clock;
    this.#log = log;
    const onSyncFailed = (error: unknown) => {
      log.error(`Fsync of the journal failed, lines of the last second may not be on disk: ${describeError(error)}`);
    };
    this.store = new SegmentStore({ ...options, clock, onSyncFailed });
  }

  get isRecovered(): boolean {
    return this.#isRecovered;
  }

  get isFailing(): boolean {
    return this.#failingSince !== undefined;
  }

  /** A write failed and waits for its retry. */
  get isWaiting(): boolean {
    return this.#cancelRetry !== undefined;
  }

  get status(): DiskStatus {
    const { count, bytes } = this.store;
    return {
      segments: count,
      diskBytes: bytes,
      isDegraded: this.isFailing,
      isFull: this.#isFull,
      writeErrors: this.#writeErrors,
    };
  }

  /** @throws HeldError if another process holds the directory; other errors are retried */
  async open(): Promise<void> {
    let failure: unknown;
    try {
      const { isExclusive } = await this.store.prepare();
      if (!isExclusive) {
        this.#log.warn(
          'The file system of the journal does not support locks: make sure that no second healthd uses it',
          {
            directory: this.#options.directory,
          },
        );
      }
    } catch (error) {
      if (error instanceof HeldError) throw error;
      failure = error;
    }
    try {
      // A full or read-only disk is still readable.
      await this.#recover();
    } catch (error) {
      failure ??= error;
    }
    if (failure !== undefined) this.#failed(failure);
    this.#maintainRegularly();
  }

  /** Starts to write and delete, if there is anything to do. */
  work(): void {
    if (this.#cancelRetry !== undefined || this.#isClosed) return;
    this.#asked += 1;
    this.#working ??= this.#run();
  }

  /** Deletes segments that all readers have passed, if there are any. */
  workIfPassed(): void {
    if ((this.store.oldestEnd ?? Infinity) <= this.#user.neededFrom) this.work();
  }

  /** Writes the remaining records, even after errors. Never throws. */
  async close(): Promise<void> {
    this.#stopWaiting();
    this.#cancelMaintenance?.();
    this.work();
    this.#isClosed = true;
    await this.#working;
    try {
      await this.store.close();
    } catch (error) {
      this.#log.error(`Closing the journal failed: ${describeError(error)}`);
    }
  }

  /** Unread lines leave little room, also those that are on their way: what is left is for the host's own metrics. */
  get #isFull(): boolean {
    const { memoryBytes, neededFrom, tail } = this.#user;
    const oldestEnd = this.store.oldestEnd ?? tail.oldest?.end ?? 0;
    return this.store.bytes + memoryBytes > FULL * this.#options.maxBytes && oldestEnd > neededFrom;
  }

  #stopWaiting(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  async #run(): Promise<void> {
    try {
      let answered = 0;
      do {
        answered = this.#asked;
        await this.store.prepare();
        if (!this.#isRecovered) await this.#recover();
        await this.#checkPlace();
        // First, because it frees space.
        await this.#enforceBounds();
        // Only a write proves that the disk works again.
        if (await this.#write()) this.#succeeded();
      } while (answered !== this.#asked);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#working = undefined;
    }
  }

  async #recover(): Promise<void> {
    const recovery = await this.store.recover();
    const cursors = await findCursors(this.#options.directory);
    this.#isRecovered = true;
    try {
      this.#user.recovered(recovery, cursors);
    } catch (error) {
      this.#isRecovered = false;
      throw error;
    }
    const { tornBytes, otherVersions, foreign } = recovery;
    if (tornBytes > 0)
      this.#log.warn('The journal ends with an incomplete record, which is truncated', { bytes: tornBytes });
    if (otherVersions.length > 0)
      this.#log.warn('Segments of another version of healthd are ignored', { segments: otherVersions });
    if (foreign.length > 0)
      this.#log.warn('Unknown files in the directory of the journal are ignored', {
        directory: this.#options.directory,
        files: foreign.slice(0, 10),
      });
  }

  /** Lines written to a deleted file would be in no journal. */
  async #checkPlace(): Promise<void> {
    const now = this.#clock.elapsed();
    if (now - this.#placeCheckedAt < PLACE_MS) return;
    this.#placeCheckedAt = now;
    if (await this.store.isActiveInPlace()) return;
    this.#log.error('Files of the journal were removed from outside; lines in them that were not sent yet are lost', {
      directory: this.#options.directory,
    });
    await this.store.leave();
    this.#isMaintenanceDue = true;
  }

  /** @returns whether anything was written */
  async #write(): Promise<boolean> {
    const { tail } = this.#user;
    let hasWritten = false;
    for (let batch = tail.unstored(WRITE_BYTES); batch.length > 0; batch = tail.unstored(WRITE_BYTES)) {
      const places = await this.#append(batch);
      for (const [index, record] of batch.entries()) record.place = places[index];
      this.#user.stored();
      hasWritten = true;
      await this.#enforceBounds();
    }
    return hasWritten;
  }

  async #append(batch: readonly TailRecord[]): Promise<readonly Place[]> {
    for (const record of batch) record.isBeingWritten = true;
    try {
      const packed = await Promise.all(batch.map((record) => record.packed()));
      // After a crash, a reader without a saved cursor would start after these lines.
      await this.#user.cursorsSaved();
      return await this.store.append(packed);
    } finally {
      for (const record of batch) record.isBeingWritten = false;
    }
  }

  async #enforceBounds(): Promise<void> {
    const { maxAge, maxBytes, keep } = this.#options;
    const { store } = this;
    if (this.#isMaintenanceDue) await this.#maintain();
    for (let end = store.oldestEnd; end !== undefined; end = store.oldestEnd) {
      const age = store.oldestAge;
      const isPassed = end <= this.#user.neededFrom && age >= keep;
      if (!isPassed && store.bytes <= maxBytes && age <= maxAge) return;
      // After a power failure a stale cursor on disk would make deleted lines look lost.
      if (isPassed) await this.#user.syncCursors();
      await store.removeOldest();
      this.#user.lostUpTo(end);
    }
  }

  async #maintain(): Promise<void> {
    this.#isMaintenanceDue = false;
    if (this.store.activeAge > Math.min(LONGEST_SEGMENT_MS, this.#options.maxAge / 4)) await this.store.roll();
    const cursors = await findCursors(this.#options.directory);
    this.#user.cursorsAre(new Set(cursors.keys()));
  }

  #maintainRegularly(): void {
    this.#cancelMaintenance = this.#clock.after(MAINTENANCE_MS, () => {
      this.#maintainRegularly();
      this.#isMaintenanceDue = true;
      this.work();
    });
  }

  #failed(error: unknown): void {
    this.#writeErrors += 1;
    // The directory may have been deleted, with the cursors.
    this.#isMaintenanceDue = true;
    this.#user.failed(error);
    if (this.#failingSince === undefined) {
      this.#failingSince = this.#clock.elapsed();
      this.#log.warn(
        `The journal cannot be written, and lines are kept in memory until it can: ${describeError(error)}`,
        { directory: this.#options.directory },
      );
    }
    if (this.#isClosed) return;
    this.#cancelRetry = this.#clock.after(RETRY_MS, () => {
      this.#cancelRetry = undefined;
      this.work();
    });
  }

  #succeeded(): void {
    if (this.#failingSince === undefined) return;
    const after = Math.round((this.#clock.elapsed() - this.#failingSince) / 1000) * 1000;
    this.#failingSince = undefined;
    this.#log.info(`The journal is written again after ${formatDuration(after)}`);
  }
}
