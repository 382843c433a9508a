/** The host's side of one output: creates, starts and stops it; the send loop decides when it sends. */
import type { OutputEntry } from './entry.ts';
import type { Journal, JournalReader } from '../journal/journal.ts';
import type { Output } from '../plugin/index.ts';

import type { WriteCounters } from './counters.ts';
import type { DeadLetters } from './dead-letters.ts';
import { createInstance } from '../host/create-instance.ts';
import { settledOrAborted } from '../host/deadline.ts';
import { Destination } from './destination.ts';
import { FailureLog } from '../host/failure-log.ts';
import type { OpenContext } from '../host/context.ts';
import type { Running } from '../host/instances.ts';
import type { OutputStatus } from './output-status.ts';
import { SendLoop, unsentLines } from './send-loop.ts';

export interface OutputRunnerOptions {
  readonly entry: OutputEntry;
  readonly context: OpenContext;
  readonly journal: () => Journal;
  readonly counters: WriteCounters;
  readonly deadLetters: DeadLetters;
  readonly random: () => number;
}

interface Attached {
  /** ms since the Unix epoch. */
  readonly since: number;
  readonly failures: FailureLog;
  readonly reader: JournalReader;
  readonly loop: SendLoop;
  readonly destination: Destination;
}

export class OutputRunner implements Running<OutputEntry> {
  readonly entry: OutputEntry;
  readonly #options: OutputRunnerOptions;
  readonly #output: Output;
  /** Aborted by a stop: send what is pending and end. */
  readonly #stopping = new AbortController();
  /** Aborted when the time for that is over. */
  readonly #givenUp = new AbortController();
  #attached: Attached | undefined;
  #running: Promise<void> | undefined;

  /** @throws whatever the plugin's `create` throws: options that the schema cannot check */
  static async create(options: OutputRunnerOptions): Promise<OutputRunner> {
    const { entry, context } = options;
    return new OutputRunner(options, await createInstance(entry, context));
  }

  private constructor(options: OutputRunnerOptions, output: Output) {
    this.entry = options.entry;
    this.#options = options;
    this.#output = output;
  }

  /** From now on the journal keeps lines for this output. */
  start(): void {
    const { entry, journal } = this.#options;
    this.#attached = this.#attach(journal().reader(entry.alias, entry.from));
    this.#running = this.#attached.loop.run();
  }

  /** Something was appended. */
  notify(): void {
    this.#attached?.loop.notify();
  }

  refreshCounters(): void {
    if (this.#attached === undefined) return;
    const { reader, destination } = this.#attached;
    const { counters } = this.#options;
    counters.buffer_size = destination.wanted(unsentLines(reader));
    counters.buffer_bytes = reader.pendingBytes;
    counters.metrics_dropped = reader.lostLines;
  }

  get status(): OutputStatus {
    this.refreshCounters();
    const { alias, plugin, flush_interval: flushIntervalMs } = this.entry;
    const { counters, context } = this.#options;
    return {
      alias,
      plugin: plugin.name,
      flushIntervalMs,
      waitingLines: counters.buffer_size,
      waitingBytes: counters.buffer_bytes,
      lagMs: counters.buffer_size === 0 ? 0 : Math.max(0, context.clock.now() - this.#waitingSince()),
      written: counters.metrics_written,
      dropped: counters.metrics_dropped,
      errors: counters.write_errors,
      error: this.#attached?.failures.trouble,
    };
  }

  async reopen(): Promise<void> {
    await this.#output.reopen?.();
  }

  /** Sends the pending lines once, until the signal aborts; the rest stays in the journal. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopping.abort();
    await settledOrAborted(this.#running ?? Promise.resolve(), signal);
    this.#givenUp.abort(new DOMException('The agent stops', 'AbortError'));
    this.#warnOfUnsent();
    try {
      await this.#output.stop?.();
    } finally {
      this.#options.context.host.close();
    }
  }

  /** Lines that a process before this one left on disk, and that were not read yet, count from the start of this one. */
  #waitingSince(): number {
    if (this.#attached === undefined) return Infinity;
    const { reader, since } = this.#attached;
    const backlog = reader.backlog.pendingLines > 0 ? (reader.backlog.pendingSince ?? since) : Infinity;
    const live = reader.pendingLines > 0 ? (reader.pendingSince ?? since) : Infinity;
    return Math.min(backlog, live);
  }

  #attach(reader: JournalReader): Attached {
    const { log, clock } = this.#options.context;
    const failures = new FailureLog(log, clock, this.entry.file);
    const { signal: stopping } = this.#stopping;
    const { signal: givenUp } = this.#givenUp;
    const destination = new Destination(this.#output, { ...this.#options, failures, signal: givenUp });
    const loop = new SendLoop({ ...this.#options, reader, destination, failures, clock, log, stopping, givenUp });
    return { since: clock.now(), failures, reader, loop, destination };
  }

  #warnOfUnsent(): void {
    if (this.#attached === undefined) return;
    const { reader, loop, destination } = this.#attached;
    loop.close();
    const lines = destination.wanted(unsentLines(reader));
    if (lines > 0) this.#options.context.log.warn('Stopped with unsent lines', { lines });
  }
}
