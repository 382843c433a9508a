/**
 * One journal, many readers. What leaves the pipeline is appended once; each output reads it with a cursor of its own,
 * at its own pace, and moves the cursor only after its destination confirmed. A dead output delays nobody.
 *
 * The journal is bounded. When the bound forces lines out, only readers that had not passed them lose them, and each
 * reader counts what it lost.
 */
import type { LineBatch } from '../core/batch.ts';

export interface Journal {
  /**
   * Appends encoded lines.
   *
   * @param size number of lines in `lines`, each ended by a newline
   */
  append(lines: Uint8Array, size: number): void;
  /** The cursor of that name; a new one starts at the end. The same name gives the same cursor again. */
  reader(name: string): JournalReader;
  /** Removes a cursor, and with it the duty to keep what it had not read. */
  forget(name: string): void;
  close(): Promise<void>;
}

export interface BatchLimits {
  readonly lines: number;
  readonly bytes: number;
}

/** What a reader has before it. */
export interface JournalBatch {
  readonly batch: LineBatch;
  /** The position after its last line, for `acknowledge`. */
  readonly end: number;
}

export interface JournalReader {
  /** Not acknowledged yet. */
  readonly pendingLines: number;
  readonly pendingBytes: number;
  /** Lines that the bound took away before this reader had passed them, since the start. */
  readonly lostLines: number;
  /** The oldest lines not acknowledged, at least one line if there is any; the same ones again until acknowledged. */
  peek(limits: BatchLimits): Promise<JournalBatch | undefined>;
  /** The destination confirmed everything before this position. */
  acknowledge(end: number): void;
}
