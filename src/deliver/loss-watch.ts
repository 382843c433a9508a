/**
 * Tells of lines that an output loses before it has sent them: once when that begins, and once when it is over. It is over
 * when the output has sent all that was due, twice, and has lost nothing in between; a destination that is away or too slow
 * for what comes in loses lines again and again, and that is one loss.
 */
import type { JournalReader } from '../journal/journal.ts';
import type { Logger } from '../plugin/index.ts';

export class LossWatch {
  readonly #reader: JournalReader;
  readonly #log: Logger;
  /** Lines lost so far, as of the last look. */
  #seen: number;
  /** As of when all that was due had been sent the last time. */
  #seenWhenSent: number;
  /** Lines lost before the present episode; undefined outside of one. */
  #before: number | undefined;

  constructor(reader: JournalReader, log: Logger) {
    this.#reader = reader;
    this.#log = log;
    this.#seen = this.#seenWhenSent = reader.lostLines;
  }

  /** Cheap enough to be asked after each append. */
  look(): void {
    const { lostLines } = this.#reader;
    if (lostLines > this.#seen && this.#before === undefined) {
      this.#before = this.#seen;
      this.#log.error(
        'Unsent lines are given up: they are too many or too old for the bounds of the journal, or damaged on the disk',
        { lines: lostLines - this.#seen, buffered_bytes: this.#reader.pendingBytes },
      );
    }
    this.#seen = lostLines;
  }

  /** All that was due has been sent. */
  allIsSent(): void {
    this.look();
    if (this.#before !== undefined && this.#seen === this.#seenWhenSent) {
      this.#log.info('No more lines are given up', { lost_lines: this.#seen - this.#before });
      this.#before = undefined;
    }
    this.#seenWhenSent = this.#seen;
  }

  /** Nobody will look any more. */
  close(): void {
    this.look();
    if (this.#before === undefined) return;
    this.#log.warn('Lines were given up until the stop', { lost_lines: this.#seen - this.#before });
    this.#before = undefined;
  }
}
