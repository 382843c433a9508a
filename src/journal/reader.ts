import type { BatchLimits } from '../metric/batch.ts';

import type { JournalBatch, JournalReader, LineSource } from './journal.ts';
import type { Cursor } from './cursor.ts';
import type { Progress } from './cursor-file.ts';
import type { Place } from './segment-store.ts';
import { Span, type LineLog } from './span.ts';

export interface ReaderOptions {
  readonly log: LineLog;
  readonly start: Progress;
  /** Undefined for a journal in memory. */
  readonly cursor: Cursor | undefined;
  /** Called when lines were passed that may no longer be needed. */
  readonly onPassed: () => void;
}

/** The reader of one output: the lines from its position on, and its backlog. */
export class Reader implements JournalReader {
  readonly #options: ReaderOptions;
  readonly #live: Span;
  #putOff: Span;
  /** Where `readOn` is; undefined at the cursor. */
  #ahead: Span | undefined;
  /** Lines lost by previous backlogs. */
  #lostBefore = 0;
  #hasEnded = false;
  readonly backlog: LineSource;

  constructor(options: ReaderOptions) {
    const { log, start } = options;
    this.#options = options;
    this.#live = new Span(log, start.position);
    this.#putOff = new Span(log, start.backlogFrom, start.backlogTo);
    const current = () => this.#putOff;
    // Lines found on disk start a new backlog, on which a batch of the old one must not be acknowledged.
    let sending = this.#putOff;
    this.backlog = {
      get pendingLines() {
        return current().pendingLines;
      },
      get pendingSince() {
        return current().pendingSince;
      },
      peek: (limits) => {
        sending = current();
        return sending.peek(limits);
      },
      acknowledge: (end) => this.#pass(sending, end),
    };
  }

  get pendingLines(): number {
    return this.#live.pendingLines;
  }

  get pendingSince(): number | undefined {
    return this.#live.pendingSince;
  }

  get pendingBytes(): number {
    return this.#putOff.pendingBytes + this.#live.pendingBytes;
  }

  get lostLines(): number {
    return this.#lostBefore + this.#live.lostLines + this.#putOff.lostLines;
  }

  /** The first line that is still needed. */
  get needsFrom(): number {
    return this.#hasBacklog ? this.#putOff.position : this.#live.position;
  }

  get progress(): Progress {
    const position = this.#live.position;
    const [backlogFrom, backlogTo] = this.#hasBacklog
      ? [this.#putOff.position, this.#putOff.end]
      : [position, position];
    return { position, backlogFrom, backlogTo };
  }

  peek(limits: BatchLimits): Promise<JournalBatch | undefined> {
    return this.#live.peek(limits);
  }

  acknowledge(end: number): Promise<void> {
    return this.#pass(this.#live, end);
  }

  putOff(): void {
    const { log } = this.#options;
    if (this.#hasBacklog) return;
    log.seal();
    this.#setBacklog(this.#live.position, log.next);
    this.#live.pass(log.next);
    void this.save();
  }

  async readOn(limits: BatchLimits): Promise<JournalBatch | undefined> {
    const ahead = (this.#ahead ??= new Span(this.#options.log, this.needsFrom));
    const batch = await ahead.peek(limits);
    if (batch !== undefined) ahead.pass(batch.end);
    return batch;
  }

  rewind(): void {
    this.#ahead = undefined;
  }

  acknowledgeAll(end: number): Promise<void> {
    this.#putOff.pass(end);
    return this.#pass(this.#live, end);
  }

  /** Adds lines found on disk that are older than its own and unread. */
  adopt(from: number, to: number): void {
    this.#setBacklog(from, this.#hasBacklog ? this.#putOff.end : to);
    this.rewind();
  }

  /** Saves only after recovery: the cursor on disk may refer to lines that this reader does not know yet. */
  async save(): Promise<void> {
    const { cursor, log } = this.#options;
    if (!this.#hasEnded && log.store !== undefined) await cursor?.save(this.progress);
  }

  /** Gives up the cursor: lines acknowledged later are sent again. */
  end(): void {
    this.#hasEnded = true;
  }

  locate(): Promise<unknown> {
    return Promise.all(this.#spans.map((span) => span.locate()));
  }

  lostUpTo(number: number): void {
    for (const span of this.#spans) span.lostUpTo(number);
  }

  lostBetween(from: number, to: number): void {
    for (const span of this.#spans) span.lostBetween(from, to);
  }

  isAt(place: Place, first: number, end: number): void {
    for (const span of this.#spans) span.isAt(place, first, end);
  }

  get #spans(): readonly Span[] {
    return [this.#putOff, this.#live, ...(this.#ahead === undefined ? [] : [this.#ahead])];
  }

  get #hasBacklog(): boolean {
    return this.#putOff.position < this.#putOff.end;
  }

  #setBacklog(from: number, to: number): void {
    this.#lostBefore += this.#putOff.lostLines;
    this.#putOff = new Span(this.#options.log, from, to);
    void this.#putOff.locate().catch(() => undefined);
  }

  async #pass(span: Span, end: number): Promise<void> {
    span.pass(end);
    await this.save();
    this.#options.onPassed();
  }
}
