/** The host's side of one output: when to flush, what to send, what to do when it fails. One loop, never two writes at once. */
import type { OutputEntry } from '../config/config.ts';
import { backoffMs } from '../core/backoff.ts';
import { LineBatch } from '../core/batch.ts';
import { pause, type Clock } from '../core/clock.ts';
import { toError } from '../core/errors.ts';
import { compileFilter, type Filter } from '../core/filter.ts';
import type { JournalReader } from '../journal/journal.ts';
import type { Logger, Output, PluginContext } from '../plugin.ts';

import type { DeadLetters } from './dead-letters.ts';
import { Deadline, settledOrAborted } from './deadline.ts';
import { deliver, type Refusal } from './delivery.ts';
import { FailureLog } from './failure-log.ts';
import type { OpenHost } from './host.ts';
import type { WriteStatistics } from './self-statistics.ts';

export interface OutputRunnerOptions {
  readonly entry: OutputEntry;
  readonly context: PluginContext & { readonly host: OpenHost };
  readonly reader: JournalReader;
  readonly statistics: WriteStatistics;
  readonly deadLetters: DeadLetters;
  readonly random: () => number;
}

const RETRY = { minMs: 1000, maxMs: 60_000 };

/** The first flush comes early, so that a person who has just started the agent sees at once whether delivery works. */
const FIRST_FLUSH_MS = 1000;

export class OutputRunner {
  readonly entry: OutputEntry;
  readonly #options: OutputRunnerOptions;
  readonly #output: Output;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #failures: FailureLog;
  readonly #filter: Filter | undefined;
  /** A stop has begun: send what is there and end. */
  readonly #stopping = new AbortController();
  /** The time for that is over: end what is under way. */
  readonly #givenUp = new AbortController();
  #wake: (() => void) | undefined;
  #loop: Promise<void> | undefined;
  #connected = false;
  #lost: number;
  /** Lines lost before the present episode of loss; undefined outside of one. */
  #lossBegan: number | undefined;

  /** @throws whatever the plugin's `create` throws: options that the schema cannot check */
  static async create(options: OutputRunnerOptions): Promise<OutputRunner> {
    const { entry, context } = options;
    return new OutputRunner(options, await entry.plugin.create(entry.options, context));
  }

  private constructor(options: OutputRunnerOptions, output: Output) {
    this.entry = options.entry;
    this.#options = options;
    this.#output = output;
    this.#log = options.context.log;
    this.#clock = options.context.clock;
    this.#failures = new FailureLog(this.#log, this.#clock);
    this.#filter = compileFilter(options.entry.filter);
    this.#lost = options.reader.lostLines;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Something was appended. */
  notify(): void {
    this.#watchLosses();
    if (this.#options.reader.pendingLines >= this.entry.batch_lines) this.#wake?.();
  }

  refreshStatistics(): void {
    const { reader, statistics } = this.#options;
    statistics.buffer_size = reader.pendingLines;
    statistics.buffer_bytes = reader.pendingBytes;
    statistics.metrics_dropped = reader.lostLines;
  }

  async reopen(): Promise<void> {
    await this.#output.reopen?.();
  }

  /** Sends what is there, once, until the signal aborts; what could not be sent stays in the journal. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopping.abort();
    this.#wake?.();
    await settledOrAborted(this.#loop ?? Promise.resolve(), signal);
    this.#givenUp.abort(new DOMException('The agent stops', 'AbortError'));
    const left = this.#options.reader.pendingLines;
    if (left > 0) this.#log.warn('Stopped with unsent lines', { lines: left });
    try {
      await this.#output.stop?.();
    } finally {
      this.#options.context.host.close();
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let wait = Math.min(FIRST_FLUSH_MS, this.entry.flush_interval);
    let failures = 0;
    while (!signal.aborted) {
      await this.#sleep(wait, failures === 0);
      const error = await this.#drain();
      failures = error === undefined ? 0 : failures + 1;
      wait =
        error === undefined
          ? this.#flushInterval()
          : backoffMs(failures, RETRY, this.#options.random(), retryAfter(error));
    }
  }

  #flushInterval(): number {
    return this.entry.flush_interval + this.#options.random() * this.entry.flush_jitter;
  }

  /** @param wakeable a full batch ends the sleep; not while backing off, but a stop always does */
  async #sleep(ms: number, wakeable: boolean): Promise<void> {
    if (wakeable && this.#options.reader.pendingLines >= this.entry.batch_lines) return;
    const sleep = new AbortController();
    const wake = () => {
      if (wakeable || this.#stopping.signal.aborted) sleep.abort();
    };
    this.#wake = wake;
    if (this.#stopping.signal.aborted) wake();
    await pause(this.#clock, ms, sleep.signal);
    this.#wake = undefined;
  }

  /** Writes batch after batch until nothing is left. @returns the error that ended it, if any */
  async #drain(): Promise<Error | undefined> {
    const { reader } = this.#options;
    const limits = { lines: this.entry.batch_lines, bytes: this.entry.batch_bytes };
    try {
      await this.#connect();
      for (let next = await reader.peek(limits); next !== undefined; next = await reader.peek(limits)) {
        await this.#send(next.batch);
        reader.acknowledge(next.end);
        this.#watchLosses();
      }
      return undefined;
    } catch (error) {
      this.#options.statistics.write_errors += 1;
      this.#failures.failed('Cannot write', error, { unsent_lines: reader.pendingLines });
      return toError(error);
    }
  }

  async #connect(): Promise<void> {
    if (this.#connected) return;
    if (this.#output.connect !== undefined)
      await this.#withDeadline('Could not connect', (signal) => this.#output.connect?.(signal));
    this.#connected = true;
  }

  async #send(batch: LineBatch): Promise<void> {
    const { statistics } = this.#options;
    const passed = this.#filtered(batch);
    const refusals = passed.size === 0 ? [] : await this.#deliver(passed);
    const refused = refusals.reduce((sum, { lines }) => sum + lines.length, 0);
    // Counted when all is settled, because what fails comes here again.
    statistics.metrics_added += batch.size;
    statistics.metrics_filtered += batch.size - passed.size;
    statistics.metrics_written += passed.size - refused;
    statistics.metrics_rejected += refused;
    if (refused > 0) await this.#keepRefused(refusals);
    else if (passed.size > 0) this.#failures.succeeded('Writing works');
  }

  async #deliver(batch: LineBatch): Promise<readonly Refusal[]> {
    const started = this.#clock.elapsed();
    const refusals = await deliver(batch, (part) =>
      this.#withDeadline('The destination did not answer', (signal) => this.#output.write(part, signal)),
    );
    this.#options.statistics.write_time_ns = Math.round((this.#clock.elapsed() - started) * 1e6);
    return refusals;
  }

  async #keepRefused(refusals: readonly Refusal[]): Promise<void> {
    for (const { lines, reason } of refusals) {
      this.#failures.failed('Lines were refused and are in the dead-letter file', reason, { lines: lines.length });
    }
    await this.#options.deadLetters.add(this.entry.alias, refusals);
  }

  #filtered(batch: LineBatch): LineBatch {
    if (this.#filter === undefined) return batch;
    const { lines, size } = this.#filter.applyToLines(batch.lines);
    return lines === batch.lines ? batch : new LineBatch(lines, size);
  }

  async #withDeadline(what: string, work: (signal: AbortSignal) => Promise<void> | undefined): Promise<void> {
    const { timeout } = this.entry;
    const deadline = new Deadline({ timeout, what, clock: this.#clock, parent: this.#givenUp.signal });
    await deadline.guard(work(deadline.signal) ?? Promise.resolve());
  }

  #watchLosses(): void {
    const { lostLines, pendingBytes } = this.#options.reader;
    if (lostLines > this.#lost && this.#lossBegan === undefined) {
      this.#lossBegan = this.#lost;
      this.#log.error('The buffer is full: the oldest unsent lines are given up', { buffered_bytes: pendingBytes });
    } else if (lostLines === this.#lost && this.#lossBegan !== undefined && !this.#failures.failing) {
      this.#log.info('No more lines are given up', { lost_lines: lostLines - this.#lossBegan });
      this.#lossBegan = undefined;
    }
    this.#lost = lostLines;
  }
}

function retryAfter(error: Error): number | undefined {
  const { retryAfterMs } = error as { readonly retryAfterMs?: unknown };
  return typeof retryAfterMs === 'number' ? retryAfterMs : undefined;
}
