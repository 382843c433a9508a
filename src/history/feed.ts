/** Brings the lines of the journal to the history: reads ahead of the cursor, which follows when they are stored. */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { FailureLog } from '../host/failure-log.ts';
import type { Journal, JournalBatch, JournalReader } from '../journal/journal.ts';
import type { LinesMessage } from './worker/messages.ts';

/** The cursor. No output can have this name. */
export const HISTORY_CURSOR = '_history';

/** Lines are in memory that queries see at most so long after they were gathered. */
const EVERY_MS = 1000;

/** While there is no room: the disk is full or slow. */
const WAIT_MS = 5000;

const BATCH = { lines: 5000, bytes: 256 * 1024 };

export interface FeedOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
  /** The journal does not survive the process: nothing is kept in it for the history. */
  readonly isInMemory: boolean;
  /** Of the journal, bytes. When this part of it waits for the history, the history stores what it has. */
  readonly sealAboveBytes: number;
  /** @returns whether there is room for more. Rejects when the thread ends; `begin` is called when it runs again. */
  readonly add: (batch: LinesMessage) => Promise<boolean>;
  readonly seal: () => Promise<void>;
}

export class Feed {
  readonly #options: FeedOptions;
  readonly #reader: JournalReader;
  readonly #failures: FailureLog;
  /** Of the thread; undefined while it does not run. */
  #life: object | undefined;
  #isReading = false;
  #reading: Promise<void> = Promise.resolve();
  #isSealing = false;
  #hasMore = false;
  #cancel: (() => void) | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#reader = options.journal.reader(HISTORY_CURSOR);
    this.#failures = new FailureLog(options.log, options.clock);
  }

  /** Lines that are not stored. */
  get pendingLines(): number {
    return this.#reader.pendingLines;
  }

  /** The thread runs and has nothing in memory. */
  begin(): void {
    this.#reader.rewind();
    this.#life = {};
    this.#later(0);
  }

  pause(): void {
    this.#life = undefined;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Lines were appended. */
  notify(): void {
    if (this.#isReading) this.#hasMore = true;
    else if (this.#cancel === undefined && this.#life !== undefined) this.#later(EVERY_MS);
  }

  /** All lines before a position are stored. */
  sealed(position: number): void {
    if (!this.#options.isInMemory) void this.#reader.acknowledgeAll(position);
  }

  /** Reads what there is. */
  async drain(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    await this.#reading;
    await this.#read();
  }

  #later(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#cancel = undefined;
      this.#reading = this.#read();
    });
  }

  async #read(): Promise<void> {
    const life = this.#life;
    if (this.#isReading || life === undefined) return;
    this.#isReading = true;
    this.#hasMore = false;
    const wait = await this.#readOn(life);
    this.#isReading = false;
    this.#goOn(life, wait);
  }

  #goOn(life: object, wait: number | undefined): void {
    if (this.#life === undefined) return;
    if (wait !== undefined) this.#later(wait);
    else if (this.#life !== life) this.#later(0);
    else if (this.#hasMore) this.#later(EVERY_MS);
  }

  /** @returns after how many ms to try again; undefined if everything is read */
  async #readOn(life: object): Promise<number | undefined> {
    try {
      for (;;) {
        const next = await this.#reader.readOn(BATCH);
        // Another thread has begun at the cursor.
        if (next === undefined || life !== this.#life) return undefined;
        const hasRoom = await this.#add(next);
        this.#sealIfLarge();
        if (!hasRoom) return WAIT_MS;
      }
    } catch (error) {
      if (life !== this.#life) return undefined;
      // What was read and not added would be missing.
      this.#reader.rewind();
      this.#failures.failed('The history cannot read the journal', error);
      return WAIT_MS;
    }
  }

  async #add({ batch, end }: JournalBatch): Promise<boolean> {
    // A copy, which is moved to the thread: other readers use the same bytes.
    const lines = new Uint8Array(batch.lines);
    const hasRoom = await this.#options.add({ lines, start: end - batch.size, end });
    if (this.#options.isInMemory) void this.#reader.acknowledgeAll(end);
    this.#failures.succeeded('The history reads the journal');
    return hasRoom;
  }

  #sealIfLarge(): void {
    const { sealAboveBytes, seal } = this.#options;
    if (this.#isSealing || this.#reader.pendingBytes < sealAboveBytes) return;
    this.#isSealing = true;
    const ended = () => {
      this.#isSealing = false;
    };
    // The thread logs why it fails, and tries again by itself.
    seal().then(ended, ended);
  }
}
