/**
 * The largest batch that a destination is known to accept, in bytes. A refusal for size halves it; after a pause it is doubled
 * with each full batch that is accepted, up to the configured size. Each refusal on the way up doubles the pause, so that a
 * limit that stays costs few requests, and one that was raised is soon made use of.
 */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../plugin/index.ts';

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

export interface BatchSizeOptions {
  /** Configured maximum. Bytes. */
  readonly most: number;
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly log: Logger;
}

/** A batch or a part of it. */
interface Part {
  readonly size: number;
  readonly lines: Uint8Array;
}

export class BatchSize {
  readonly #options: BatchSizeOptions;
  #bytes: number;
  /** The size of the last refusal, until one of that size is accepted. Bytes. */
  #lastRefused = Infinity;
  /** The limit that was logged. */
  #logged: number;
  #pauseMs = FIRST_PAUSE_MS;
  #growsAt = 0;
  #seen = NOTHING;

  constructor(options: BatchSizeOptions) {
    this.#options = options;
    this.#bytes = options.most;
    this.#logged = options.most;
  }

  get bytes(): number {
    return this.#bytes;
  }

  refused({ size, lines }: Part): void {
    if (size === 1) this.#seen = { ...this.#seen, isByOneLine: true };
    else this.#seen = { ...this.#seen, refused: Math.min(this.#seen.refused, lines.length) };
  }

  accepted({ lines }: Part): void {
    this.#seen = { ...this.#seen, accepted: Math.max(this.#seen.accepted, lines.length) };
  }

  /**
   * A batch is done. One line that is too large by itself explains why all parts with it were refused, and a destination that
   * accepts no part at all has another reason.
   */
  end(): void {
    const { refused, accepted, isByOneLine } = this.#seen;
    this.#seen = NOTHING;
    if (isByOneLine || accepted === 0) return;
    if (refused < Infinity) this.#lower(refused);
    else if (accepted >= this.#lastRefused) this.#recovered();
    else if (accepted > this.#bytes / 2) this.#raise();
  }

  #lower(refused: number): void {
    const { clock, log } = this.#options;
    this.#lastRefused = refused;
    this.#bytes = Math.min(this.#bytes, Math.max(1, Math.floor(refused / 2)));
    this.#growsAt = clock.elapsed() + this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    if (this.#bytes >= this.#logged) return;
    this.#logged = this.#bytes;
    log.info('Batches are smaller from now on: the destination refused one for its size', { batch_bytes: this.#bytes });
  }

  #raise(): void {
    const { clock, most } = this.#options;
    if (clock.elapsed() >= this.#growsAt) this.#bytes = Math.min(most, this.#bytes * 2);
  }

  /** The destination accepted what it refused before. */
  #recovered(): void {
    const { most, log } = this.#options;
    this.#lastRefused = Infinity;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#logged = most;
    log.info('Batches grow again: the destination accepts the size that it refused', { batch_bytes: this.#bytes });
  }
}

/** What happened to the parts of one batch. */
interface Seen {
  /** Size of the smallest refused part with several lines. Bytes. */
  readonly refused: number;
  /** Size of the largest accepted part. Bytes. */
  readonly accepted: number;
  readonly isByOneLine: boolean;
}

const NOTHING: Seen = { refused: Infinity, accepted: 0, isByOneLine: false };
