/** Decides when an output sends. One loop, never two writes at once; it sleeps in one place and fails in one. */
import type { OutputEntry } from './entry.ts';
import { pause, type Clock } from '../core/clock.ts';
import { retryAfterMs } from '../plugin/errors.ts';
import type { JournalBatch, JournalReader, LineSource } from '../journal/journal.ts';
import type { Logger } from '../plugin/index.ts';

import { CatchUp } from './catch-up.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { WriteCounters } from './counters.ts';
import type { Destination } from './destination.ts';
import type { FailureLog } from '../host/failure-log.ts';
import { LossWatch } from './loss-watch.ts';

export interface SendLoopOptions {
  readonly entry: OutputEntry;
  readonly reader: JournalReader;
  readonly destination: Destination;
  readonly counters: WriteCounters;
  readonly failures: FailureLog;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** Send what is pending at once, and end. */
  readonly stopping: AbortSignal;
  /** End now. */
  readonly givenUp: AbortSignal;
}

/** The first flush comes early, to show soon after the start whether delivery works. */
const FIRST_FLUSH_MS = 1000;

/** A flush that is due within this time takes along the lines that are appended now, and wakes the process with them. */
const EARLY_MS = 900;

/** Timers have a maximum; an early wake-up is harmless. */
const LONGEST_SLEEP_MS = 3_600_000;

interface Taken extends JournalBatch {
  readonly source: LineSource;
}

export class SendLoop {
  readonly #options: SendLoopOptions;
  readonly #reader: JournalReader;
  readonly #breaker: CircuitBreaker;
  readonly #catchUp: CatchUp;
  readonly #losses: LossWatch;
  /** Start of the next flush, unless a full batch comes first. On the clock's `elapsed`. */
  #flushAt = 0;
  /** Lines that this flush has still to send, without the backlog. */
  #due = 0;
  /** Resolves when the last acknowledgement is saved. No batch is sent before: a crash sends at most one twice. */
  #saved: Promise<void> = Promise.resolve();
  /** Ends the sleep when a full batch is pending. */
  #wake: (() => void) | undefined;

  constructor(options: SendLoopOptions) {
    const { reader, log, random } = options;
    this.#options = options;
    this.#reader = reader;
    this.#breaker = new CircuitBreaker(random);
    this.#catchUp = new CatchUp(options);
    this.#losses = new LossWatch(reader, log);
  }

  /** Resolves after a stop, when the pending lines were sent or the last attempt has failed. */
  async run(): Promise<void> {
    const { entry, clock, stopping } = this.#options;
    this.#flushAt = clock.elapsed() + Math.min(FIRST_FLUSH_MS, entry.flush_interval);
    this.#catchUp.begin();
    let isLast = false;
    while (!isLast) {
      await this.#sleep();
      // Read before the flush: one that was running may have missed lines appended with the stop.
      isLast = stopping.aborted;
      await this.#flush();
    }
  }

  /** Something was appended. */
  notify(): void {
    this.#losses.look();
    if (this.#reader.pendingLines >= this.#options.entry.batch_lines || this.#isDue()) this.#wake?.();
  }

  /** Ends the watch for losses. */
  close(): void {
    this.#losses.close();
  }

  /** Sends batches until nothing is due or one fails. */
  async #flush(): Promise<void> {
    const { destination, counters, failures, clock, givenUp } = this.#options;
    try {
      if (!this.#catchUp.isActive && this.#reader.backlog.pendingLines > 0) this.#catchUp.begin();
      await destination.connect();
      for (let next = await this.#take(); next !== undefined; next = await this.#take()) await this.#send(next);
      await this.#saved;
      if (this.#due > 0 || this.#reader.backlog.pendingLines > 0) return;
      this.#catchUp.end();
      this.#losses.allIsSent();
    } catch (error) {
      if (givenUp.aborted) return;
      this.#breaker.failed(clock.elapsed(), retryAfterMs(error));
      counters.write_errors += 1;
      failures.failed('Cannot write', error, { unsent_lines: destination.wanted(unsentLines(this.#reader)) });
    }
  }

  /** The next batch that is due, if any. */
  async #take(): Promise<Taken | undefined> {
    const { destination, givenUp } = this.#options;
    this.#beginFlushIfDue();
    for (const source of this.#catchUp.sources) {
      if (givenUp.aborted || this.#mustWait(source)) return undefined;
      const isLive = source === this.#reader;
      if (isLive && this.#due === 0) continue;
      const next = await source.peek(destination.limits);
      if (next !== undefined) return { ...next, source };
      if (isLive) this.#sentOfDue(this.#due);
    }
    return undefined;
  }

  async #send({ source, batch, end }: Taken): Promise<void> {
    const isPaced = this.#catchUp.isPaced(source);
    await this.#saved;
    const sent = await this.#options.destination.send(batch);
    this.#saved = source.acknowledge(end);
    this.#losses.look();
    if (source === this.#reader) this.#sentOfDue(batch.size);
    this.#catchUp.sent(batch.size, isPaced ? (await sent.gzip()).length : 0);
    if (this.#breaker.succeeded()) this.#catchUp.begin();
  }

  /** A flush sends the lines pending at its start; later ones wait for the next flush, unless they are a full batch. */
  #beginFlushIfDue(): void {
    const { entry, clock, random, stopping } = this.#options;
    const { pendingLines } = this.#reader;
    const isDue = this.#isDue();
    if (!isDue && pendingLines < entry.batch_lines && !stopping.aborted) return;
    this.#due = pendingLines;
    const now = clock.elapsed();
    // From the time it was due, or flushes that come early would come ever earlier.
    const from = isDue ? Math.max(now, this.#flushAt) : now;
    this.#flushAt = from + entry.flush_interval + random() * entry.flush_jitter;
  }

  /** With jitter a flush keeps to its time: that is what spreads the flushes of a fleet. */
  #isDue(): boolean {
    const { clock, entry } = this.#options;
    const mayBeEarly = entry.flush_jitter === 0 && this.#reader.pendingLines > 0;
    const early = mayBeEarly ? Math.min(EARLY_MS, entry.flush_interval / 2) : 0;
    return clock.elapsed() >= this.#flushAt - early;
  }

  #sentOfDue(lines: number): void {
    this.#due = Math.max(0, this.#due - lines);
    if (this.#due === 0) this.#catchUp.liveIsDone();
  }

  /** A stop ignores the pace. */
  #mustWait(source: LineSource): boolean {
    const { clock, stopping } = this.#options;
    return !stopping.aborted && this.#catchUp.isPaced(source) && this.#catchUp.waitMs(clock.elapsed()) > 0;
  }

  /** Until something is due; a stop ends it. */
  async #sleep(): Promise<void> {
    const { clock, stopping } = this.#options;
    const now = clock.elapsed();
    const ms = this.#idleMs(now);
    if (stopping.aborted || (ms <= 0 && this.#breaker.stateAt(now) === 'closed')) return;
    const sleep = new AbortController();
    const end = () => {
      sleep.abort();
    };
    const isWakeable = this.#breaker.stateAt(now) !== 'open' && !this.#catchUp.isPaced(this.#reader);
    this.#wake = isWakeable ? end : undefined;
    stopping.addEventListener('abort', end, { once: true });
    await pause(clock, Math.min(Math.max(0, ms), LONGEST_SLEEP_MS), sleep.signal);
    stopping.removeEventListener('abort', end);
    this.#wake = undefined;
  }

  #idleMs(now: number): number {
    const open = this.#breaker.waitMs(now);
    if (open > 0) return open;
    const pace = this.#catchUp.waitMs(now);
    const isLiveDue = this.#due > 0 || this.#reader.pendingLines >= this.#options.entry.batch_lines;
    const paceOfLive = this.#catchUp.isPaced(this.#reader) ? pace : 0;
    const live = isLiveDue ? paceOfLive : this.#flushAt - now;
    return this.#reader.backlog.pendingLines > 0 ? Math.min(live, pace) : live;
  }
}

/** With the backlog. */
export function unsentLines(reader: JournalReader): number {
  return reader.pendingLines + reader.backlog.pendingLines;
}
