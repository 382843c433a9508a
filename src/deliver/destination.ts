/** The host's side of a write: connect, deadline, filter, counters, refused lines, batch size. */
import type { OutputEntry } from './entry.ts';
import { LineBatch, type BatchLimits } from '../metric/batch.ts';
import { compileFilter, type Filter } from '../metric/filter.ts';
import type { Output, PluginContext } from '../plugin/index.ts';

import type { WriteCounters } from './counters.ts';
import type { DeadLetters } from './dead-letters.ts';
import { isolateRefused, isTooLarge, type Refusal } from './isolate.ts';
import type { FailureLog } from '../host/failure-log.ts';
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

export class Destination {
  readonly #output: GuardedOutput;
  readonly #options: DestinationOptions;
  readonly #filter: Filter | undefined;
  /** Size of the smallest part of this batch that was too large since the last accepted one. Bytes. */
  #tooLarge: number | undefined;
  /** Maximum bytes of a batch. */
  #mostBytes: number;

  constructor(output: Output, options: DestinationOptions) {
    const { entry, context, signal } = options;
    this.#output = new GuardedOutput(output, { timeout: entry.timeout, clock: context.clock, signal });
    this.#options = options;
    this.#filter = compileFilter(entry.filter);
    this.#mostBytes = entry.batch_bytes;
  }

  /** The largest batch that the destination is known to accept. */
  get limits(): BatchLimits {
    return { lines: this.#options.entry.batch_lines, bytes: this.#mostBytes };
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
    const refusals = passed.size === 0 ? [] : await this.#deliver(passed);
    const refused = refusals.reduce((sum, { lines }) => sum + lines.length, 0);
    // Counted at the end, because a failed batch comes here again.
    counters.metrics_added += batch.size;
    counters.metrics_filtered += batch.size - passed.size;
    counters.metrics_written += passed.size - refused;
    counters.metrics_rejected += refused;
    if (refused > 0) await this.#keepRefused(refusals);
    else if (passed.size > 0) failures.succeeded('Writing works');
    return passed;
  }

  async #deliver(batch: LineBatch): Promise<readonly Refusal[]> {
    const { context, counters } = this.#options;
    const started = context.clock.elapsed();
    const before = this.#mostBytes;
    this.#tooLarge = undefined;
    try {
      return await isolateRefused(batch, (part) => this.#write(part));
    } finally {
      counters.write_time_ns = Math.round((context.clock.elapsed() - started) * 1e6);
      if (this.#mostBytes < before)
        context.log.info('Batches are smaller from now on: the destination refused one for its size', {
          batch_bytes: this.#mostBytes,
        });
    }
  }

  async #write(part: LineBatch): Promise<void> {
    try {
      await this.#output.write(part);
    } catch (error) {
      if (isTooLarge(error)) this.#tooLarge = Math.min(this.#tooLarge ?? Infinity, part.lines.length);
      throw error;
    }
    // Only after a part was accepted: a destination that finds every size too large has another reason.
    if (this.#tooLarge === undefined) return;
    this.#mostBytes = Math.min(this.#mostBytes, Math.max(1, Math.floor(this.#tooLarge / 2)));
    this.#tooLarge = undefined;
  }

  async #keepRefused(refusals: readonly Refusal[]): Promise<void> {
    const { entry, deadLetters, failures } = this.#options;
    for (const { lines, reason } of refusals) {
      failures.failed('Lines were refused and are in the dead-letter file', reason, { lines: lines.length });
    }
    await deadLetters.add(entry.alias, refusals);
  }

  #filtered(batch: LineBatch): LineBatch {
    if (this.#filter === undefined) return batch;
    const { lines, size } = this.#filter.applyToLines(batch.lines);
    return lines === batch.lines ? batch : new LineBatch(lines, size);
  }
}
