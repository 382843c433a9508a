/** The disk under the journal: writes what is in memory, deletes what nobody needs, and keeps trying while it cannot. */
import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';

import { findCursors, type FoundCursor } from './cursor-files.ts';
import { HeldError } from './lock.ts';
import { SegmentStore, type Place, type Recovery, type Sync } from './segment-store.ts';
import type { Tail, TailRecord } from './tail.ts';

export interface DiskOptions {
  readonly directory: string;
  readonly sync: Sync;
  /** Most bytes on disk. */
  readonly maxBytes: number;
  /** Older lines are given up. Milliseconds. */
  readonly maxAge: number;
  /** What every output has is kept for this long all the same. Milliseconds. */
  readonly keep: number;
}

/** The journal, as far as the disk has to do with it. */
export interface DiskUser {
  readonly tail: Tail;
  /** Number of the first line that some cursor still needs. */
  readonly neededFrom: number;
  /** What was in the directory is known now. */
  recovered(recovery: Recovery, cursors: Map<string, FoundCursor>): void;
  /** Records have got their place. */
  stored(): void;
  /** Lines before this number are gone. */
  lostUpTo(number: number): void;
  /** Resolves when the cursors are safe on the disk. */
  syncCursors(): Promise<void>;
  /** Resolves when each new reader has a cursor in the directory, or soon if it cannot have one. */
  cursorsSaved(): Promise<void>;
  /** These cursors are on the disk now; others have been removed from outside. */
  cursorsAre(names: ReadonlySet<string>): void;
}

/** How much is written at once; what comes meanwhile is the next write. Bytes before compression. */
const WRITE_BYTES = 2 * 1024 * 1024;

/** How often a disk that cannot be written is tried again. */
const RETRY_MS = 5000;

const MAINTENANCE_MS = 60_000;

/** A segment is closed after this at the latest, so that it can be deleted when nobody needs it any more. */
const LONGEST_SEGMENT_MS = 3_600_000;

export class Disk {
  readonly store: SegmentStore;
  readonly #options: DiskOptions;
  readonly #user: DiskUser;
  readonly #clock: Clock;
  readonly #log: Logger;
  #working: Promise<void> | undefined;
  /** How often there was something to do. */
  #asked = 0;
  #isMaintenanceDue = false;
  #isRecovered = false;
  #isClosed = false;
  /** Since when it cannot be written, on the clock's `elapsed`. */
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
      log.error(`What was journalled in the last second may not be on the disk: ${describeError(error)}`);
    };
    this.store = new SegmentStore({ ...options, clock, onSyncFailed });
  }

  get isRecovered(): boolean {
    return this.#isRecovered;
  }

  get isFailing(): boolean {
    return this.#failingSince !== undefined;
  }

  /** It failed, and is tried again later. */
  get isWaiting(): boolean {
    return this.#cancelRetry !== undefined;
  }

  get writeErrors(): number {
    return this.#writeErrors;
  }

  /** @throws HeldError if another process has the directory; whatever else is wrong may pass */
  async open(): Promise<void> {
    let failure: unknown;
    try {
      const { isExclusive } = await this.store.prepare();
      if (!isExclusive) {
        this.#log.warn('The file system of the journal has no locks: take care that no second healthd uses it', {
          directory: this.#options.directory,
        });
      }
    } catch (error) {
      if (error instanceof HeldError) throw error;
      failure = error;
    }
    try {
      // A full or read-only disk can be read.
      await this.#recover();
    } catch (error) {
      failure ??= error;
    }
    if (failure !== undefined) this.#failed(failure);
    this.#maintainRegularly();
  }

  /** There may be something to write or to delete. */
  work(): void {
    if (this.#cancelRetry !== undefined || this.#isClosed) return;
    this.#asked += 1;
    this.#working ??= this.#run();
  }

  /** Deletes what nobody needs, if there is a whole segment of that. */
  workIfPassed(): void {
    if ((this.store.oldestEnd ?? Infinity) <= this.#user.neededFrom) this.work();
  }

  /** Writes what is left, whatever went wrong before. Never throws. */
  async close(): Promise<void> {
    this.#stopWaiting();
    this.#cancelMaintenance?.();
    this.work();
    this.#isClosed = true;
    await this.#working;
    try {
      await this.store.close();
    } catch (error) {
      this.#log.error(`The journal was not closed well: ${describeError(error)}`);
    }
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
        // First, because it makes room.
        await this.#enforceBounds();
        // With nothing to write it is not known whether it could be written.
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
      this.#log.warn('The end of the journal was not written whole and is cut off', { bytes: tornBytes });
    if (otherVersions.length > 0)
      this.#log.warn('Segments of another version of healthd are left alone', { segments: otherVersions });
    if (foreign.length > 0)
      this.#log.warn('Files that are not of the journal are left alone', {
        directory: this.#options.directory,
        files: foreign.slice(0, 10),
      });
  }

  /** @returns whether there was anything to write */
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
      // After a crash, a reader without a cursor would begin behind these lines.
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
      // A cursor that is older on the disk than what is deleted would look like a loss after a power failure.
      if (isPassed) await this.#user.syncCursors();
      await store.removeOldest();
      this.#user.lostUpTo(end);
    }
  }

  async #maintain(): Promise<void> {
    this.#isMaintenanceDue = false;
    const isOld = this.store.activeAge > Math.min(LONGEST_SEGMENT_MS, this.#options.maxAge / 4);
    if (isOld || !(await this.store.isActiveInPlace())) await this.store.roll();
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
    // The directory may be gone, and the cursors with it.
    this.#isMaintenanceDue = true;
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
