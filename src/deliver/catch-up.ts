/**
 * Catching up: from a start or a recovery with more than a batch unsent, until nothing of that is left. Meanwhile batches
 * are paced, so that a destination that has just come back is not overrun. What the order is, the entry says:
 *
 * - oldest_first: everything in its order, and all of it paced;
 * - newest_first: what is there is put off and becomes the backlog. New lines are sent as usual and are not paced; the
 *   backlog goes in between. If there is still a backlog from before, what a second outage left cannot be put off as well:
 *   it goes ahead of that backlog, paced too.
 */
import type { OutputEntry } from './entry.ts';
import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import { TokenBucket } from '../core/token-bucket.ts';
import type { JournalReader, LineSource } from '../journal/journal.ts';
import type { Logger } from '../plugin/index.ts';

export interface CatchUpOptions {
  readonly entry: Pick<OutputEntry, 'batch_lines' | 'catch_up' | 'catch_up_rate'>;
  readonly reader: JournalReader;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Episode {
  readonly bucket: TokenBucket;
  /** On the clock's `elapsed`. */
  readonly since: number;
  /** Whether it was worth a line in the log. */
  readonly isTold: boolean;
  /** Sent since. */
  lines: number;
}

export class CatchUp {
  readonly #options: CatchUpOptions;
  #episode: Episode | undefined;
  #isLivePaced = false;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** Where to take the next batch from, in order of preference. */
  get sources(): readonly LineSource[] {
    const { entry, reader } = this.#options;
    return entry.catch_up === 'newest_first' ? [reader, reader.backlog] : [reader.backlog, reader];
  }

  get isActive(): boolean {
    return this.#episode !== undefined;
  }

  /** Begins if much is pending: to be asked at the start, and when the destination is back. */
  begin(): void {
    const { entry, reader, clock, log } = this.#options;
    const { batch_lines, catch_up, catch_up_rate } = entry;
    const lines = reader.pendingLines + reader.backlog.pendingLines;
    const isMuch = lines > batch_lines;
    if (!isMuch && reader.backlog.pendingLines === 0) return;
    if (catch_up === 'newest_first') reader.putOff();
    this.#isLivePaced = catch_up === 'oldest_first' || reader.pendingLines > batch_lines;
    if (this.isActive) return;
    const since = clock.elapsed();
    this.#episode = { bucket: new TokenBucket(catch_up_rate, since), since, isTold: isMuch, lines: 0 };
    if (isMuch) log.info('Catching up', { lines, order: catch_up });
  }

  /** Whether batches of that source have to wait for the pace. */
  isPaced(source: LineSource): boolean {
    return this.isActive && (source === this.#options.reader.backlog || this.#isLivePaced);
  }

  /** How long a paced batch has to wait. Milliseconds. */
  waitMs(now: number): number {
    return this.#episode?.bucket.waitMs(now) ?? 0;
  }

  /** @param bytes compressed; 0 for a batch that is not paced */
  sent(lines: number, bytes: number): void {
    if (this.#episode === undefined) return;
    this.#episode.lines += lines;
    this.#episode.bucket.take(bytes, this.#options.clock.elapsed());
  }

  /** All new lines that were due are sent. */
  liveIsDone(): void {
    if (this.#options.entry.catch_up === 'newest_first') this.#isLivePaced = false;
  }

  /** Nothing is due any more. */
  end(): void {
    if (this.#episode === undefined) return;
    const { since, isTold, lines } = this.#episode;
    this.#episode = undefined;
    this.#isLivePaced = false;
    const seconds = Math.round((this.#options.clock.elapsed() - since) / 1000);
    if (isTold) this.#options.log.info('Caught up', { lines, duration: formatDuration(seconds * 1000) });
  }
}
