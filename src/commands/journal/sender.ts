/** Sends batches to a configured output from a command; a daemon may be running. */
import { isolateRefused, type Refusal } from '../../deliver/isolate.ts';
import { createInstance } from '../../host/create-instance.ts';
import { FailureLog } from '../../host/failure-log.ts';
import { GuardedOutput } from '../../deliver/guarded-output.ts';
import { pluginContext, type OpenContext } from '../../host/context.ts';
import type { OutputEntry } from '../../deliver/entry.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { backoffMs } from '../../core/backoff.ts';
import type { LineBatch } from '../../metric/batch.ts';
import { systemClock } from '../../core/clock.ts';
import { formatDuration } from '../../core/duration.ts';
import { ConfigError, toError } from '../../core/errors.ts';
import { retryAfterMs } from '../../plugin/errors.ts';
import type { Logging } from '../../logging/logging.ts';
import { openLogging } from '../../logging/logging.ts';
import type { Output } from '../../plugin/index.ts';

import type { Terminal } from '../command.ts';

export interface SenderOptions {
  readonly entry: OutputEntry;
  readonly context: OpenContext;
  /** Aborts writes and backoff. */
  readonly signal: AbortSignal;
  readonly random: () => number;
}

const RETRY = { minMs: 1000, maxMs: 30_000 };

/** A batch that the destination has not accepted after this time fails. */
export const RETRY_LIMIT_MS = 5 * 60_000;

export class Sender {
  readonly entry: OutputEntry;
  readonly #options: SenderOptions;
  readonly #output: Output;
  readonly #guarded: GuardedOutput;
  readonly #failures: FailureLog;

  /** @throws ConfigError if the plugin refuses its options */
  static async create(options: SenderOptions): Promise<Sender> {
    const { entry, context } = options;
    try {
      return new Sender(options, await createInstance(entry, context));
    } catch (error) {
      throw new ConfigError(`Cannot create output ${entry.alias}: ${toError(error).message}`, { cause: error });
    }
  }

  private constructor(options: SenderOptions, output: Output) {
    this.entry = options.entry;
    this.#options = options;
    this.#output = output;
    const { entry, context, signal } = options;
    this.#guarded = new GuardedOutput(output, { timeout: entry.timeout, clock: context.clock, signal });
    this.#failures = new FailureLog(context.log, context.clock, entry.file);
  }

  /**
   * @returns lines that the destination refused permanently
   * @throws after `RETRY_LIMIT_MS` of retries, or if the signal aborts; part of the batch may have been accepted
   */
  async send(batch: LineBatch): Promise<readonly Refusal[]> {
    const { context, signal, random } = this.#options;
    const started = context.clock.elapsed();
    for (let failures = 1; ; failures += 1) {
      signal.throwIfAborted();
      try {
        await this.#guarded.connect();
        const refusals = await isolateRefused(batch, (part) => this.#guarded.write(part));
        this.#failures.succeeded('Writing works');
        return refusals;
      } catch (error) {
        signal.throwIfAborted();
        const wait = backoffMs(failures, RETRY, random(), retryAfterMs(error));
        if (context.clock.elapsed() - started + wait > RETRY_LIMIT_MS)
          throw new Error(`${this.entry.alias} accepted nothing for ${formatDuration(RETRY_LIMIT_MS)}`, {
            cause: error,
          });
        this.#failures.failed(`Cannot write, retrying for up to ${formatDuration(RETRY_LIMIT_MS)}`, error);
        await context.clock.sleep(wait, signal);
      }
    }
  }

  async close(): Promise<void> {
    try {
      await this.#output.stop?.();
    } finally {
      this.#options.context.host.close();
    }
  }
}

/** Creates a sender for each output, as `healthd run` creates outputs; logs to stderr. */
export class Senders {
  readonly #config: LoadedConfig;
  readonly #terminal: Terminal;
  readonly #signal: AbortSignal;
  readonly #logging: Logging;
  readonly #senders: Sender[] = [];

  constructor(config: LoadedConfig, terminal: Terminal, signal: AbortSignal) {
    this.#config = config;
    this.#terminal = terminal;
    this.#signal = signal;
    this.#logging = openLogging({
      settings: { level: 'warn', format: 'text', file: undefined },
      stream: terminal.stderr,
      now: systemClock.now,
      redact: config.secrets.redact,
    });
  }

  /** Returns the same sender for the same output. */
  async for(entry: OutputEntry): Promise<Sender> {
    const known = this.#senders.find((sender) => sender.entry === entry);
    if (known !== undefined) return known;
    const context = pluginContext({
      hostname: this.#config.agent.hostname,
      environment: this.#terminal.environment,
      log: this.#logging.logFor(`outputs.${entry.alias}`),
    });
    const sender = await Sender.create({ entry, context, signal: this.#signal, random: Math.random });
    this.#senders.push(sender);
    return sender;
  }

  /** @throws if a plugin cannot finish its writes */
  async close(): Promise<void> {
    try {
      for (const sender of this.#senders.splice(0)) await sender.close();
    } finally {
      await this.#logging.close();
    }
  }
}
