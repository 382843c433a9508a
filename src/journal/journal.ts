/**
 * One journal, many readers. What leaves the pipeline is appended once; each output reads it with a cursor of its own,
 * at its own pace, and moves the cursor only after its destination confirmed. A dead output delays nobody.
 *
 * The journal is bounded. When the bound forces lines out, only readers that had not passed them lose them, and each
 * reader counts what it lost.
 */
import type { BatchLimits, LineBatch } from '../metric/batch.ts';

export interface Journal {
  /**
   * Appends encoded lines.
   *
   * @param size number of lines in `lines`, each ended by a newline
   */
  append(lines: Uint8Array, size: number): void;
  /**
   * The cursor of that name, where it was left. The same name gives the same cursor again.
   *
   * @param from where one that has never been begins: behind the newest line, or at the oldest that is there
   */
  reader(name: string, from?: 'end' | 'beginning'): JournalReader;
  /** Nobody reads with that cursor for now. On disk it is kept, and so is what it has not read. */
  release(name: string): void;
  /**
   * The cursor goes on under another name, if that name has none; else it is released. On disk the old one stays until the
   * new one is saved.
   */
  rename(from: string, to: string): void;
  /** Removes a cursor, and with it the duty to keep what it had not read. */
  forget(name: string): void;
  readonly status: JournalStatus;
  /** Writes what is left to be written. */
  close(): Promise<void>;
}

export interface JournalStatus {
  readonly segments: number;
  /** On disk. */
  readonly diskBytes: number;
  /** Of what is only in memory. */
  readonly memoryBytes: number;
  /** The disk cannot be written, and memory takes its place. */
  readonly isDegraded: boolean;
  /** Failed attempts to write, since the start. */
  readonly writeErrors: number;
  /** Names of cursors that nobody reads with. */
  readonly idle: readonly string[];
}

/** What a reader has before it. */
export interface JournalBatch {
  readonly batch: LineBatch;
  /** The position after its last line, for `acknowledge`. */
  readonly end: number;
}

/** A run of lines that is read from its beginning. */
export interface LineSource {
  /** Not acknowledged yet. */
  readonly pendingLines: number;
  /** The oldest lines not acknowledged, at least one line if there is any; the same ones again until acknowledged. */
  peek(limits: BatchLimits): Promise<JournalBatch | undefined>;
  /** The destination confirmed everything before this position. Resolves when that is saved, or soon if it cannot be. */
  acknowledge(end: number): Promise<void>;
}

/** Everything from the cursor on, as far as it was not put off. */
export interface JournalReader extends LineSource {
  /** What was put off. */
  readonly backlog: LineSource;
  /** Of both, compressed. */
  readonly pendingBytes: number;
  /** Lines that the bound took away before this reader had passed them, since the start. */
  readonly lostLines: number;
  /** Makes everything pending the backlog, if there is none: reading goes on with what comes from now on. */
  putOff(): void;
}
