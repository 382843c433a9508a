/** Outputs as a part of the agent: each reads the journal with a cursor of its own. */
import { isDeepStrictEqual } from 'node:util';

import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';
import type { OpenContext } from '../host/context.ts';
import { CounterTable } from '../host/counters.ts';
import { Instances } from '../host/instances.ts';
import type { Journal } from '../journal/journal.ts';

import { noWrites } from './counters.ts';
import { deadLetterPath, openDeadLetters, type DeadLetters } from './dead-letters.ts';
import type { OutputEntry } from './entry.ts';
import { IdleCursors } from './idle-cursors.ts';
import { createLetterCounter, type LetterCount } from './letter-counts.ts';
import { OutputRunner } from './output-runner.ts';
import type { OutputStatus } from './output-status.ts';

export interface DeliverOptions {
  readonly contextOf: (entry: OutputEntry) => OpenContext;
  /** Asked when an output starts. */
  readonly journal: () => Journal;
  /** Most bytes that wait for an output. */
  readonly bufferLimit: number;
  readonly stateDirectory: string;
  /** How long a replaced output may take to stop. Milliseconds. */
  readonly stopTimeout: () => number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

export class DeliverPart implements Part<readonly OutputEntry[]> {
  readonly name = 'deliver';
  readonly counters = new CounterTable(noWrites);
  readonly #options: DeliverOptions;
  readonly #deadLetters: DeadLetters;
  readonly #countLetters: () => Promise<readonly LetterCount[]>;
  readonly #idleCursors: IdleCursors;
  readonly #outputs: Instances<OutputEntry, OutputRunner>;

  constructor(options: DeliverOptions) {
    const { clock, log, stateDirectory, stopTimeout } = options;
    this.#options = options;
    const path = deadLetterPath(stateDirectory);
    this.#deadLetters = openDeadLetters({ path, clock, log });
    this.#countLetters = createLetterCounter(path);
    this.#idleCursors = new IdleCursors({ journal: options.journal, clock, log });
    this.#outputs = new Instances({
      name: 'outputs',
      open: (entry) => this.#open(entry),
      onReleased: (entry) => {
        this.#release(entry);
      },
      stopTimeout,
      clock,
      log,
    });
  }

  async prepare(next: readonly OutputEntry[], signal: AbortSignal): Promise<Prepared> {
    const outputs = await this.#outputs.prepare(next, signal);
    return {
      use: async () => {
        await outputs.use();
        this.#idleCursors.watch();
      },
      discard: outputs.discard,
    };
  }

  status(): readonly PartStatus[] {
    for (const output of this.#outputs.running) output.refreshCounters();
    return this.counters.snapshot('internal_write');
  }

  /** In the order of the configuration. */
  outputs(): readonly OutputStatus[] {
    return this.#outputs.running.map(({ status }) => status);
  }

  /** @throws if the file cannot be read */
  letterCounts(): Promise<readonly LetterCount[]> {
    return this.#countLetters();
  }

  /** Something was appended to the journal. */
  notify(): void {
    for (const output of this.#outputs.running) output.notify();
  }

  /** Lets outputs open their files again, after a rotation from outside. */
  async reopen(): Promise<void> {
    await Promise.all(
      this.#outputs.running.map(async (output) => {
        try {
          await output.reopen();
        } catch (error) {
          this.#options.log.error(`Could not reopen ${output.entry.alias}: ${describeError(error)}`);
        }
      }),
    );
  }

  /** The journal keeps what its outputs have not sent. */
  stopModule(file: string): Promise<readonly string[]> {
    return this.#outputs.stopModule(file);
  }

  /** Outputs send what is left until the signal aborts; the rest stays in the journal. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#idleCursors.stop();
    await this.#outputs.stop(signal);
  }

  #open(entry: OutputEntry): Promise<OutputRunner> {
    const { contextOf, journal, bufferLimit, random } = this.#options;
    const counters = this.counters.entry(entry.alias, { output: entry.plugin.name });
    counters.buffer_limit = bufferLimit;
    const deadLetters = this.#deadLetters;
    return OutputRunner.create({ entry, context: contextOf(entry), journal, counters, deadLetters, random });
  }

  /** A renamed output keeps its cursor: one of the same kind and options under a name that is new. */
  #release(entry: OutputEntry): void {
    const renamed = this.#outputs.running.find((output) => isRenamed(output.entry, entry));
    const journal = this.#options.journal();
    if (renamed === undefined) journal.release(entry.alias);
    else journal.rename(entry.alias, renamed.entry.alias);
    this.counters.remove(entry.alias);
  }
}

/** Whether only the name differs. */
function isRenamed(a: OutputEntry, b: OutputEntry): boolean {
  const unnamed = (entry: OutputEntry) => ({ ...entry, alias: '', fingerprint: '' });
  return isDeepStrictEqual(unnamed(a), unnamed(b));
}
