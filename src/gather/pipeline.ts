/** From the accumulators to the journal: processors in their order, then encoded once. */
import type { ProcessorEntry } from './entry.ts';
import { compileFilter, type Filter } from '../metric/filter.ts';
import { LineEncoder } from '../metric/line-protocol.ts';
import type { Metric } from '../metric/metric.ts';
import type { PluginContext, Processor } from '../plugin/index.ts';

import { FailureLog } from '../host/failure-log.ts';

/** A processor with the host's side of it. */
interface Stage {
  readonly processor: Processor;
  readonly filter: Filter | undefined;
  readonly failures: FailureLog;
}

export interface PipelineOptions {
  readonly contextOf: (entry: ProcessorEntry) => PluginContext;
  /** Sees each metric that has passed all processors, before it is encoded. */
  readonly observe?: (metric: Metric) => void;
  /** Takes encoded lines, each ended by a newline. */
  readonly append: (lines: Uint8Array, size: number) => void;
}

/** A group of lines is appended when it has grown to this, or when the event loop comes round. */
const GROUP = { lines: 1000, bytes: 256 * 1024 };

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #encoder = new LineEncoder();
  #stages: readonly Stage[] = [];
  #scheduled = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Makes the processors of the configuration without using them yet, so that a bad one changes nothing. */
  async prepare(entries: readonly ProcessorEntry[]): Promise<() => void> {
    const stages = await Promise.all(entries.map((entry) => this.#stage(entry)));
    return () => {
      this.flush(Number.MAX_SAFE_INTEGER, true);
      this.#stages = stages;
    };
  }

  push(metric: Metric): void {
    this.#process(metric, 0);
    if (this.#encoder.lines >= GROUP.lines || this.#encoder.bytes >= GROUP.bytes) this.commit();
    else this.#scheduleCommit();
  }

  /** Lets processors that hold metrics back release what is due. */
  flush(now: number, final: boolean): void {
    this.#stages.forEach(({ processor, failures }, index) => {
      if (processor.flush === undefined) return;
      try {
        for (const metric of processor.flush(now, final)) this.#process(metric, index + 1);
      } catch (error) {
        failures.failed('Flushing the processor failed', error);
      }
    });
    this.commit();
  }

  /** Hands everything encoded so far to the journal. */
  commit(): void {
    this.#scheduled = false;
    const size = this.#encoder.lines;
    if (size > 0) this.#options.append(this.#encoder.take(), size);
  }

  async #stage(entry: ProcessorEntry): Promise<Stage> {
    const context = this.#options.contextOf(entry);
    return {
      processor: await entry.plugin.create(entry.options, context),
      filter: compileFilter(entry.filter),
      failures: new FailureLog(context.log, context.clock),
    };
  }

  #process(metric: Metric, from: number): void {
    for (let index = from; index < this.#stages.length; index += 1) {
      const result = this.#applyStage(metric, index);
      if (result === undefined) return;
      if (isList(result)) {
        for (const each of result) this.#process(each, index + 1);
        return;
      }
      metric = result;
    }
    this.#options.observe?.(metric);
    this.#encoder.add(metric);
  }

  /** A processor that throws lets the metric pass unchanged: it must not cost data. */
  #applyStage(metric: Metric, index: number): Metric | readonly Metric[] | undefined {
    const stage = this.#stages[index];
    if (stage === undefined || (stage.filter !== undefined && stage.filter.apply(metric) === undefined)) return metric;
    try {
      const result = stage.processor.process(metric);
      stage.failures.succeeded('Processing works');
      return result;
    } catch (error) {
      stage.failures.failed('A metric could not be processed and passes unchanged', error, { metric: metric.name });
      return metric;
    }
  }

  #scheduleCommit(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      if (this.#scheduled) this.commit();
    });
  }
}

function isList(result: Metric | readonly Metric[]): result is readonly Metric[] {
  return Array.isArray(result);
}
