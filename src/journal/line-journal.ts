/**
 * The journal: lines are collected in a group; a group is compressed to a record; records are first in memory and then
 * written to disk in order. Without a disk, or while writes to it fail, they stay in memory.
 */
import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';

import { cursorPath, type FoundCursor } from './cursor-files.ts';
import type { Progress } from './cursor-file.ts';
import { Cursor } from './cursor.ts';
import { Disk, type DiskOptions, type DiskStatus, type DiskUser } from './disk.ts';
import { Gaps } from './gaps.ts';
import type { Journal, JournalReader, JournalStatus } from './journal.ts';
import { Reader } from './reader.ts';
import { NEW_COUNT } from './record.ts';
import type { Recovery, SegmentStore } from './segment-store.ts';
import type { LineLog } from './span.ts';
import { Tail, TailRecord } from './tail.ts';
import { Written } from './written.ts';

export interface LineJournalOptions {
  /** Maximum compressed bytes held only in memory. */
  readonly memoryBytes: number;
  /** Undefined for a journal in memory, which does not survive the process. */
  readonly disk?: DiskOptions | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * A group is closed when it reaches this size, or this long after the previous one, or when its lines are requested. After a
 * pause it is closed at once: it then has what the inputs gathered together.
 */
const GROUP = { lines: 1000, bytes: 256 * 1024, ms: 100 };

/** So that counts that start more than about a minute apart differ by more than `NEW_COUNT`; below 2^53 until the year 2109. */
const COUNTS_PER_MS = 2048;

const NO_DISK: DiskStatus = { segments: 0, diskBytes: 0, isDegraded: false, isFull: false, writeErrors: 0 };

const NOT_WRITTEN = 'The journal cannot be written';

interface Group {
  readonly first: number;
  readonly chunks: Uint8Array[];
  bytes: number;
}

export class LineJournal implements Journal, LineLog, DiskUser {
  readonly tail = new Tail();
  readonly gaps = new Gaps();
  readonly #options: LineJournalOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #disk: Disk | undefined;
  readonly #readers = new Map<string, Reader>();
  /** One per name, so that the next reader waits for pending saves of the previous one. */
  readonly #cursors = new Map<string, Cursor>();
  /** Cursors on disk without a reader. */
  readonly #idle = new Map<string, FoundCursor>();
  readonly #written = new Written();
  #group: Group | undefined;
  #cancelSeal: (() => void) | undefined;
  #sealedAt = -Infinity;
  #firstSaves: Promise<unknown> = Promise.resolve();
  #start: number;
  #next: number;

  /** A journal that does not survive the process. */
  static inMemory(options: Omit<LineJournalOptions, 'disk'>): LineJournal {
    return new LineJournal(options);
  }

  /** @throws HeldError if another process holds the directory */
  static async open(options: LineJournalOptions): Promise<LineJournal> {
    const journal = new LineJournal(options);
    await journal.#disk?.open();
    return journal;
  }

  private constructor(options: LineJournalOptions) {
    const { clock, log, disk } = options;
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#disk = disk === undefined ? undefined : new Disk(disk, this, clock, log);
    // Starts a new count, unless recovery finds the end of the previous one: line numbers are never reused.
    this.#start = disk === undefined ? 0 : Math.round(clock.now() * COUNTS_PER_MS);
    this.#next = this.#start;
  }

  get next(): number {
    return this.#next;
  }

  get store(): SegmentStore | undefined {
    return this.#disk?.isRecovered === true ? this.#disk.store : undefined;
  }

  get status(): JournalStatus {
    return {
      nextLine: this.#next,
      memoryBytes: this.memoryBytes,
      idle: [...this.#idle.keys()],
      ...(this.#disk?.status ?? NO_DISK),
    };
  }

  append(lines: Uint8Array, size: number): void {
    if (size === 0 || (this.#readers.size === 0 && this.#idle.size === 0)) return;
    const group = (this.#group ??= { first: this.#next, chunks: [], bytes: 0 });
    group.chunks.push(lines);
    group.bytes += lines.length;
    this.#next += size;
    if (this.#next - group.first >= GROUP.lines || group.bytes >= GROUP.bytes) this.seal();
    else this.#sealSoon();
  }

  written(): Promise<void> {
    if (this.#disk === undefined || this.#writtenTo >= this.#next) return Promise.resolve();
    if (this.#disk.isFailing) return Promise.reject(new Error(NOT_WRITTEN));
    return this.#written.upTo(this.#next);
  }

  seal(): void {
    if (this.#group === undefined) return;
    const { first, chunks } = this.#group;
    this.#group = undefined;
    this.#cancelSeal?.();
    this.#cancelSeal = undefined;
    this.#sealedAt = this.#clock.elapsed();
    this.tail.push(new TailRecord(first, joined(chunks), this.#next - first, this.#clock.now()));
    this.#trimMemory();
    this.#disk?.work();
  }

  reader(name: string, from: 'end' | 'beginning' = 'end'): JournalReader {
    let reader = this.#readers.get(name);
    if (reader === undefined) {
      reader = this.#createReader(name, from);
      this.#readers.set(name, reader);
      this.#idle.delete(name);
    }
    return reader;
  }

  release(name: string): void {
    const reader = this.#readers.get(name);
    if (reader === undefined) return;
    this.#readers.delete(name);
    void reader.save();
    reader.end();
    const cursor = this.#cursors.get(name);
    if (cursor !== undefined) {
      this.#idle.set(name, { progress: { ...reader.progress, savedAt: this.#clock.now() } });
      void cursor.close();
    }
    this.#passed();
  }

  rename(from: string, to: string): void {
    const progress = this.#readers.get(from)?.progress ?? this.#idle.get(from)?.progress;
    if (progress === undefined || this.#readers.has(to) || this.#idle.has(to)) {
      this.release(from);
      return;
    }
    this.#idle.set(to, { progress: { ...progress, savedAt: this.#clock.now() } });
    const cursor = this.#cursorOf(to);
    if (cursor === undefined) this.forget(from);
    else
      void cursor.save(progress).then(() => {
        this.forget(from);
      });
  }

  forget(name: string): void {
    this.#readers.get(name)?.end();
    this.#readers.delete(name);
    this.#idle.delete(name);
    void this.#cursorOf(name)?.remove();
    this.#passed();
  }

  async flush(): Promise<void> {
    this.seal();
    await this.written();
  }

  async close(): Promise<void> {
    this.seal();
    if (this.#disk === undefined) return;
    await Promise.all([...this.#cursors.values()].map((cursor) => cursor.close()));
    await this.#disk.close();
    this.failed(new Error('healthd stops'));
    const [left] = this.tail.unstored(1);
    if (left === undefined) return;
    const lines = this.gaps.lines(left.first, this.#next);
    this.#log.error('Lines that could not be written to the journal are lost', { lines });
  }

  get memoryBytes(): number {
    return this.tail.unstoredCost + (this.#group?.bytes ?? 0);
  }

  get neededFrom(): number {
    const idle = [...this.#idle.values()].map(({ progress }) => progress);
    return Math.min(
      this.#next,
      ...[...this.#readers.values()].map((reader) => reader.needsFrom),
      ...idle.map((progress) => (progress === undefined ? 0 : neededBy(progress))),
    );
  }

  recovered(recovery: Recovery, cursors: Map<string, FoundCursor>): void {
    const positions = [...cursors.values()].map(({ progress }) => progress?.position ?? 0);
    const end = Math.max(recovery.end, ...positions);
    const isUnused = this.#next === this.#start && this.#readers.size === 0;
    if (isUnused) this.#start = this.#next = end;
    else if (end > this.#start)
      throw new Error('the directory holds lines with higher numbers than those in memory; restart healthd');
    for (const [from, to] of recovery.jumps) this.gaps.add(from, to);
    if (end - recovery.end > NEW_COUNT) this.gaps.add(recovery.end, end);
    this.gaps.add(end, this.#start);
    for (const [name, found] of cursors) {
      const reader = this.#readers.get(name);
      if (reader === undefined) this.#idle.set(name, found);
      else if (found.progress === undefined) reader.adopt(this.#oldest, end);
      else reader.adopt(neededBy(found.progress), end);
    }
    this.#firstSaves = Promise.all([...this.#readers.values()].map((reader) => reader.save()));
  }

  stored(): void {
    this.#trimMemory();
    this.#written.settle(this.#writtenTo);
  }

  failed(error: unknown): void {
    this.#written.fail(new Error(NOT_WRITTEN, { cause: error }));
  }

  lostUpTo(number: number): void {
    for (const reader of this.#readers.values()) reader.lostUpTo(number);
  }

  async syncCursors(): Promise<void> {
    await Promise.all([...this.#cursors.values()].map((cursor) => cursor.sync()));
  }

  async cursorsSaved(): Promise<void> {
    await this.#firstSaves;
  }

  cursorsAre(names: ReadonlySet<string>): void {
    for (const name of this.#idle.keys()) if (!names.has(name)) this.#idle.delete(name);
    const missing = [...this.#readers].filter(([name]) => !names.has(name));
    this.#firstSaves = Promise.all(
      missing.map(([name, reader]) => {
        void this.#cursors.get(name)?.close();
        return reader.save();
      }),
    );
  }

  #sealSoon(): void {
    if (this.#cancelSeal !== undefined) return;
    const wait = this.#sealedAt + GROUP.ms - this.#clock.elapsed();
    if (wait <= 0) {
      this.seal();
      return;
    }
    this.#cancelSeal = this.#clock.after(wait, () => {
      this.seal();
    });
  }

  #createReader(name: string, from: 'end' | 'beginning'): Reader {
    const found = this.#idle.get(name);
    if (found !== undefined && found.progress === undefined)
      this.#log.warn(`The cursor of ${name} cannot be read; it starts again at the oldest line`);
    const begin = found !== undefined || from === 'beginning' ? this.#oldest : this.#next;
    const reader = new Reader({
      log: this,
      start: found?.progress ?? { position: begin, backlogFrom: begin, backlogTo: begin },
      cursor: this.#cursorOf(name),
      onPassed: () => {
        this.#passed();
      },
    });
    this.#firstSaves = Promise.all([this.#firstSaves, reader.save()]);
    // If this fails, the first read locates the position again and reports the error.
    void reader.locate().catch(() => undefined);
    return reader;
  }

  #cursorOf(name: string): Cursor | undefined {
    const { disk } = this.#options;
    if (disk === undefined) return undefined;
    const known = this.#cursors.get(name);
    if (known !== undefined) return known;
    const cursor = new Cursor({
      path: cursorPath(disk.directory, name),
      clock: this.#clock,
      onFailed: (error) => {
        // A failing disk has already been logged by the journal.
        if (this.#disk?.isFailing === true) return;
        this.#log.warn(
          `The cursor of ${name} cannot be saved; a restart would send lines again: ${describeError(error)}`,
        );
      },
    });
    this.#cursors.set(name, cursor);
    return cursor;
  }

  /** Number after the last line on disk. */
  get #writtenTo(): number {
    return this.tail.unstored(1)[0]?.first ?? this.#group?.first ?? this.#next;
  }

  get #oldest(): number {
    return this.store?.first ?? this.tail.oldest?.first ?? this.#group?.first ?? this.#next;
  }

  #passed(): void {
    this.#trimMemory();
    this.#disk?.workIfPassed();
  }

  /** Evicts records that are on disk or not needed, and drops the oldest others above the memory limit. */
  #trimMemory(): void {
    const needed = this.neededFrom;
    this.gaps.forgetBefore(needed);
    for (let oldest = this.tail.oldest; oldest !== undefined; oldest = this.tail.oldest) {
      if (!this.#isDispensable(oldest, needed)) break;
      this.#dropOldest(oldest);
    }
    let excess = this.tail.unstoredCost - this.#options.memoryBytes;
    for (let oldest = this.tail.oldest; excess > 0 && oldest !== undefined; oldest = this.tail.oldest) {
      // A record being written will be on disk soon, unless the disk hangs.
      if (oldest.end === this.#next || (oldest.isBeingWritten && excess < this.#options.memoryBytes)) break;
      excess -= oldest.cost;
      this.#dropOldest(oldest);
    }
  }

  #isDispensable({ place, end }: TailRecord, needed: number): boolean {
    if (place !== undefined) return end <= needed || this.tail.isOldestCold;
    const isAboutToBeWritten = this.#disk !== undefined && !this.#disk.isWaiting;
    return end <= needed && !isAboutToBeWritten;
  }

  #dropOldest({ place, first, end }: TailRecord): void {
    this.tail.shift();
    for (const reader of this.#readers.values()) {
      if (place === undefined) reader.lostBetween(first, end);
      else reader.isAt(place, first, end);
    }
    if (place !== undefined) return;
    this.gaps.add(first, end);
    this.failed(new Error('too many lines are in memory'));
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

function neededBy({ position, backlogFrom, backlogTo }: Progress): number {
  return backlogFrom < backlogTo ? Math.min(position, backlogFrom) : position;
}
