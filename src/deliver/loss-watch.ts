/**
 * Logs the loss of unsent lines: once when it begins and once when it ends. It ends when the output has flushed everything
 * twice without a loss in between; a destination that is down or too slow loses lines repeatedly, and that is one loss.
 */
import type { JournalReader } from '../journal/journal.ts';
import type { Logger } from '../plugin/index.ts';

export class LossWatch {
  readonly #reader: JournalReader;
  readonly #log: Logger;
  /** Lines lost, as of the last look. */
  #seen: number;
  /** Lines lost, as of the last complete flush. */
  #seenWhenSent: number;
  /** Lines lost before the current loss; undefined if there is none. */
  #before: number | undefined;

  constructor(reader: JournalReader, log: Logger) {
    this.#reader = reader;
    this.#log = log;
    this.#seen = this.#seenWhenSent = reader.lostLines;
  }

  /** Cheap enough to call after each append. */
  look(): void {
    const { lostLines } = this.#reader;
    if (lostLines > this.#seen && this.#before === undefined) {
      this.#before = this.#seen;
      this.#log.error(
        'Unsent lines are dropped: too many or too old for the bounds of the journal, damaged on disk, or removed from outside',
        { lines: lostLines - this.#seen, buffered_bytes: this.#reader.pendingBytes },
      );
    }
    this.#seen = lostLines;
  }

  /** Everything due has been sent. */
  allIsSent(): void {
    this.look();
    if (this.#before !== undefined && this.#seen === this.#seenWhenSent) {
      this.#log.info('No more lines are dropped', { lost_lines: this.#seen - this.#before });
      this.#before = undefined;
    }
    this.#seenWhenSent = this.#seen;
  }

  /** Ends the watch. */
  close(): void {
    this.look();
    if (this.#before === undefined) return;
    this.#log.warn('Lines were dropped until the stop', { lost_lines: this.#seen - this.#before });
    this.#before = undefined;
  }
}
