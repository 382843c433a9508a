/**
 * One journal, many readers. Lines from the pipeline are appended once; each output reads them with its own cursor at its
 * own pace, and moves the cursor only after its destination confirmed. A dead output does not delay the others.
 *
 * The journal is bounded. Lines dropped by the bounds are lost only to readers that had not read them, and each reader counts
 * its losses.
 */
import type { BatchLimits, LineBatch } from '../metric/batch.ts';

export interface Journal {
  /**
   * Appends encoded lines.
   *
   * @param size number of lines in `lines`, each terminated by a newline
   */
  append(lines: Uint8Array, size: number): void;
  /**
   * Resolves when all lines appended so far are on disk, synced as the journal is configured. In a journal in memory at once.
   *
   * @throws Error if the disk cannot be written; the lines stay in memory, and are written when it can
   */
  written(): Promise<void>;
  /**
   * Opens the cursor of that name at its saved position. The same name returns the same reader.
   *
   * @param from where a new cursor starts: after the newest line, or at the oldest available line
   */
  reader(name: string, from?: 'end' | 'beginning'): JournalReader;
  /** Stops reading with a cursor. Its file is kept, and so are its unread lines. */
  release(name: string): void;
  /**
   * Moves a cursor to another name, unless that name has one; then it is released. The old file stays until the new one is
   * saved.
   */
  rename(from: string, to: string): void;
  /** Deletes a cursor; its unread lines are no longer kept for it. */
  forget(name: string): void;
  readonly status: JournalStatus;
  /** Writes to disk what is in memory. A journal without a disk does nothing. @throws if it cannot be written now */
  flush(): Promise<void>;
  /** Flushes and closes the journal. */
  close(): Promise<void>;
}

export interface JournalStatus {
  /** Number of the next line. */
  readonly nextLine: number;
  readonly segments: number;
  /** Bytes on disk. */
  readonly diskBytes: number;
  /** Bytes held only in memory. */
  readonly memoryBytes: number;
  /** Writes to disk fail, and lines are kept in memory. */
  readonly isDegraded: boolean;
  /** Soon the oldest lines will be dropped although a reader has not had them. */
  readonly isFull: boolean;
  /** Failed writes since the start. */
  readonly writeErrors: number;
  /** Names of cursors without a reader. */
  readonly idle: readonly string[];
}

/** The next lines of a reader. */
export interface JournalBatch {
  readonly batch: LineBatch;
  /** Position after the last line, for `acknowledge`. */
  readonly end: number;
}

/** A sequence of lines that is read from the start. */
export interface LineSource {
  /** Lines not acknowledged yet. */
  readonly pendingLines: number;
  /**
   * When the oldest unacknowledged line was appended, ms since the Unix epoch. Undefined if there is none, if it was appended
   * a moment ago, or if it is on disk and was not read yet.
   */
  readonly pendingSince: number | undefined;
  /** The oldest unacknowledged lines, at least one if there is any; returns the same lines until they are acknowledged. */
  peek(limits: BatchLimits): Promise<JournalBatch | undefined>;
  /** Acknowledges all lines before a position. Resolves when the cursor is saved, or after a short timeout. */
  acknowledge(end: number): Promise<void>;
}

/** All lines from the cursor on. */
export interface JournalReader extends LineSource {
  /** The lines that `putOff` set aside. */
  readonly backlog: LineSource;
  /** Unread bytes including the backlog, compressed. */
  readonly pendingBytes: number;
  /** Lines dropped by the bounds before this reader had read them, since the start. */
  readonly lostLines: number;
  /** Turns all pending lines into the backlog, unless there is one: reading continues with new lines. */
  putOff(): void;
  /**
   * The lines after those of the last call, whether they are acknowledged or not; the first call begins at the cursor. For a
   * reader that acknowledges much later than it reads. Not to be called again before it resolves.
   */
  readOn(limits: BatchLimits): Promise<JournalBatch | undefined>;
  /** The next `readOn` begins at the cursor again. Also happens by itself when older lines are found on disk. */
  rewind(): void;
  /** Acknowledges all lines before a position, those in the backlog as well. */
  acknowledgeAll(end: number): Promise<void>;
}
