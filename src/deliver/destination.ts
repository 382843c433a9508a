/** The host's side of a write: connect, deadline, filter, counters, refused lines, batch size. */
import type { OutputEntry } from './entry.ts';
import { LineBatch, type BatchLimits, type LineRange } from '../metric/batch.ts';
import { compileFilter, type Filter } from '../metric/filter.ts';
import type { Output, PluginContext } from '../plugin/index.ts';

import { BatchSize } from './batch-size.ts';
import type { WriteCounters } from './counters.ts';
import type { DeadLetters } from './dead-letters.ts';
import { isolateRefused, isTooLarge, type Refusal } from './isolate.ts';
import { FailureLog } from '../host/failure-log.ts';
import { GuardedOutput } from './guarded-output.ts';

export interface DestinationOptions {
  readonly entry: OutputEntry;
  readonly context: PluginContext;
  readonly counters: WriteCounters;
  readonly deadLetters: DeadLetters;
  readonly failures: FailureLog;
  /** Aborts a running write. */
  readonly signal: AbortSignal;
}

/**
 * Refused lines are no failure of the output, and end with no recovery: the same refusal is logged again after this time without
 * one. Milliseconds.
 */
const SAME_REFUSALS_MS = 3_600_000;

/** Of one write; the dead letters have all of them. */
const MOST_REASONS_LOGGED = 3;

export class Destination {
  readonly #output: GuardedOutput;
  readonly #options: DestinationOptions;
  readonly #filter: Filter | undefined;
  readonly #size: BatchSize;
  /** Of the lines of the latest batch, the share that passed the filter. */
  #passedShare = 1;
  /** Lines since the last write; none of them passed the filter. */
  #unwritten: LineRange | undefined;
  #refusals: FailureLog;
  /** Of the last refused line, on the clock's `elapsed`. */
  #refusedAt = 0;

  constructor(output: Output, options: DestinationOptions) {
    const { entry, context, signal } = options;
    this.#output = new GuardedOutput(output, { timeout: entry.timeout, clock: context.clock, signal });
    this.#options = options;
    this.#filter = compileFilter(entry.filter);
    this.#size = new BatchSize({ most: entry.batch_bytes, clock: context.clock, log: context.log });
    this.#refusals = new FailureLog(context.log, context.clock);
  }

  /** The largest batch that the destination is known to accept. */
  get limits(): BatchLimits {
    return { lines: this.#options.entry.batch_lines, bytes: this.#size.bytes };
  }

  /** Of these pending lines, those that the output wants: an estimate beyond the latest batch, whose share is known. */
  wanted(lines: number): number {
    return Math.round(lines * this.#passedShare);
  }

  connect(): Promise<void> {
    return this.#output.connect();
  }

  /**
   * Resolves when each line was accepted, or was refused for good and is in the dead letters.
   *
   * @returns the lines of the batch that passed the filter
   * @throws any error that is no refusal; then the same batch has to be sent again
   */
  async send(batch: LineBatch): Promise<LineBatch> {
    const { counters, failures } = this.#options;
    const passed = this.#filtered(batch);
    this.#passedShare = passed.size / batch.size;
    const refusals = passed.size === 0 ? [] : await this.#deliver(passed);
    const refused = refusals.reduce((sum, { lines }) => sum + lines.length, 0);
    this.#unwritten = passed.size === 0 ? passed.range : undefined;
    // Counted at the end, because a failed batch comes here again.
    counters.metrics_added += batch.size;
    counters.metrics_filtered += batch.size - passed.size;
    counters.metrics_written += passed.size - refused;
    counters.metrics_rejected += refused;
    if (refused > 0) await this.#keepRefused(refusals);
    if (passed.size > refused) failures.succeeded('Writing works');
    return passed;
  }

  async #deliver(batch: LineBatch): Promise<readonly Refusal[]> {
    const { context, counters } = this.#options;
    const started = context.clock.elapsed();
    try {
      return await isolateRefused(batch, (part) => this.#write(part));
    } finally {
      this.#size.end();
      counters.write_time_ns = Math.round((context.clock.elapsed() - started) * 1e6);
    }
  }

  async #write(part: LineBatch): Promise<void> {
    try {
      await this.#output.write(part);
    } catch (error) {
      if (isTooLarge(error)) this.#size.refused(part);
      throw error;
    }
    this.#size.accepted(part);
  }

  async #keepRefused(refusals: readonly Refusal[]): Promise<void> {
    const { entry, deadLetters, context } = this.#options;
    const now = context.clock.elapsed();
    if (now - this.#refusedAt > SAME_REFUSALS_MS) this.#refusals = new FailureLog(context.log, context.clock);
    this.#refusedAt = now;
    for (const { lines, reason } of refusals.slice(0, MOST_REASONS_LOGGED)) {
      this.#refusals.failed('Lines were refused and are in the dead-letter file', reason, { lines: lines.length });
    }
    await deadLetters.add(entry.alias, refusals);
  }

  #filtered(batch: LineBatch): LineBatch {
    if (this.#filter === undefined) return batch;
    const { lines, size } = this.#filter.applyToLines(batch.lines);
    const range = this.#rangeOf(batch);
    return lines === batch.lines && range === batch.range ? batch : new LineBatch(lines, size, range);
  }

  /** An empty batch is not written; the next one covers its lines as well. */
  #rangeOf({ range }: LineBatch): LineRange | undefined {
    const before = this.#unwritten;
    return range !== undefined && before?.to === range.from ? { from: before.from, to: range.to } : range;
  }
}
