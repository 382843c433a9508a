import { FailureLog } from '../host/failure-log.ts';
import { createInstance } from '../host/create-instance.ts';
import type { OpenContext } from '../host/context.ts';
import type { Running } from '../host/instances.ts';
import { compileFilter, type Filter } from '../metric/filter.ts';
import type { Metric } from '../metric/metric.ts';
import type { Processor } from '../plugin/index.ts';

import { checkFlushed, checkProcessed } from './check-processed.ts';
import type { ProcessorEntry } from './entry.ts';

/** A processor with the host's side of it: its filter, and what happens when it throws. */
export class Stage implements Running<ProcessorEntry> {
  readonly entry: ProcessorEntry;
  readonly #processor: Processor;
  readonly #context: OpenContext;
  readonly #filter: Filter | undefined;
  readonly #failures: FailureLog;
  /** Types of an external plugin are only a claim. Those of built-in ones are checked by the compiler, and cost nothing here. */
  readonly #isExternal: boolean;

  /** @throws whatever the plugin's `create` throws: options that the schema cannot check */
  static async create(entry: ProcessorEntry, context: OpenContext): Promise<Stage> {
    return new Stage(entry, context, await createInstance(entry, context));
  }

  private constructor(entry: ProcessorEntry, context: OpenContext, processor: Processor) {
    this.entry = entry;
    this.#processor = processor;
    this.#context = context;
    this.#filter = compileFilter(entry.filter);
    this.#failures = new FailureLog(context.log, context.clock, entry.file);
    this.#isExternal = entry.file !== undefined;
  }

  /** A processor runs when the pipeline calls it. */
  start(): void {
    return undefined;
  }

  /** A processor that throws, or returns what is no metric, lets the metric pass unchanged: it must not cost data. */
  process(metric: Metric): Metric | readonly Metric[] | undefined {
    if (this.#filter !== undefined && this.#filter.apply(metric) === undefined) return metric;
    try {
      const result = this.#processor.process(metric);
      if (this.#isExternal && result !== metric) checkProcessed(result);
      this.#failures.succeeded('Processing works');
      return result;
    } catch (error) {
      this.#failures.failed('A metric could not be processed and passes unchanged', error, { metric: metric.name });
      return metric;
    }
  }

  get hasFlush(): boolean {
    return this.#processor.flush !== undefined;
  }

  /** Buffered metrics that are due. */
  flush(now: number, final: boolean): readonly Metric[] {
    try {
      const flushed = this.#processor.flush?.(now, final) ?? [];
      if (this.#isExternal) checkFlushed(flushed);
      return flushed;
    } catch (error) {
      this.#failures.failed('Flushing the processor failed', error);
      return [];
    }
  }

  async stop(): Promise<void> {
    try {
      await this.#processor.stop?.();
    } finally {
      this.#context.host.close();
    }
  }
}
