/**
 * Catching up: from a start or a recovery with more than one batch pending until that backlog is sent. Batches are paced,
 * so that a destination that has just recovered is not overrun. The entry chooses the order:
 *
 * - oldest_first: all lines in order, all paced;
 * - newest_first: the pending lines become the backlog. New lines are sent as usual, without a pace; the backlog goes in
 *   between. Lines of a second outage while a backlog exists cannot be deferred too: they go ahead of it, paced.
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
  /** Whether its start was logged. */
  readonly isLogged: boolean;
  /** Lines sent since. */
  lines: number;
}

export class CatchUp {
  readonly #options: CatchUpOptions;
  #episode: Episode | undefined;
  #isLivePaced = false;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** Sources of the next batch, in order of preference. */
  get sources(): readonly LineSource[] {
    const { entry, reader } = this.#options;
    return entry.catch_up === 'newest_first' ? [reader, reader.backlog] : [reader.backlog, reader];
  }

  get isActive(): boolean {
    return this.#episode !== undefined;
  }

  /** Begins if more than one batch is pending. Called at the start and on recovery. */
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
    this.#episode = { bucket: new TokenBucket(catch_up_rate, since), since, isLogged: isMuch, lines: 0 };
    if (isMuch) log.info('Catching up', { lines, order: catch_up });
  }

  /** Whether batches of the source are paced. */
  isPaced(source: LineSource): boolean {
    return this.isActive && (source === this.#options.reader.backlog || this.#isLivePaced);
  }

  /** Wait before the next paced batch. Milliseconds. */
  waitMs(now: number): number {
    return this.#episode?.bucket.waitMs(now) ?? 0;
  }

  /** @param bytes compressed; 0 without a pace */
  sent(lines: number, bytes: number): void {
    if (this.#episode === undefined) return;
    this.#episode.lines += lines;
    this.#episode.bucket.take(bytes, this.#options.clock.elapsed());
  }

  /** All new lines that were due have been sent. */
  liveIsDone(): void {
    if (this.#options.entry.catch_up === 'newest_first') this.#isLivePaced = false;
  }

  /** Nothing is pending. */
  end(): void {
    if (this.#episode === undefined) return;
    const { since, isLogged, lines } = this.#episode;
    this.#episode = undefined;
    this.#isLivePaced = false;
    const seconds = Math.round((this.#options.clock.elapsed() - since) / 1000);
    if (isLogged) this.#options.log.info('Caught up', { lines, duration: formatDuration(seconds * 1000) });
  }
}
