/** From the accumulators to the journal: processors in their order, then encoded once. */
import { LineEncoder } from '../metric/line-protocol.ts';
import type { Metric } from '../metric/metric.ts';

import type { Stage } from './stage.ts';
import type { TakeTurn } from './turns.ts';

export interface PipelineOptions {
  /**
   * Sees each metric that has passed all processors, before it is encoded.
   *
   * @param input alias of the input that reported it; undefined if a processor held it back
   */
  readonly observe?: (metric: Metric, input?: string) => void;
  /** Shared with the inputs, so that the lines of all that tick together are appended at once. */
  readonly takeTurn: TakeTurn;
  /** Takes encoded lines, each ended by a newline. */
  readonly append: (lines: Uint8Array, size: number) => void;
}

/** A group of lines is appended when it reaches this, or when the inputs that tick together are done. */
const GROUP = { lines: 1000, bytes: 256 * 1024 };

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #encoder = new LineEncoder();
  #stages: readonly Stage[] = [];
  #scheduled = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Replaces the stages. Those that are not among the next ones release what they hold back. */
  use(next: readonly Stage[]): void {
    this.#stages.forEach((stage, index) => {
      if (!next.includes(stage)) this.#flushStage(stage, index, Number.MAX_SAFE_INTEGER, true);
    });
    this.#stages = next;
    this.commit();
  }

  /** @param input alias of the input */
  push(metric: Metric, input?: string): void {
    this.#process(metric, 0, input);
    if (this.#encoder.lines >= GROUP.lines || this.#encoder.bytes >= GROUP.bytes) this.commit();
    else this.#scheduleCommit();
  }

  /** Lets processors that hold metrics back release what is due. `now` is milliseconds since the Unix epoch. */
  flush(now: number, final: boolean): void {
    this.#stages.forEach((stage, index) => {
      this.#flushStage(stage, index, now, final);
    });
    this.commit();
  }

  /** Hands everything encoded so far to the journal. */
  commit(): void {
    this.#scheduled = false;
    const size = this.#encoder.lines;
    if (size > 0) this.#options.append(this.#encoder.take(), size);
  }

  #flushStage(stage: Stage, index: number, now: number, final: boolean): void {
    for (const metric of stage.flush(now, final)) this.#process(metric, index + 1);
  }

  #process(metric: Metric, from: number, input?: string): void {
    for (let index = from; index < this.#stages.length; index += 1) {
      const result = this.#stages[index]?.process(metric);
      if (result === undefined) return;
      if (isList(result)) {
        for (const each of result) this.#process(each, index + 1, input);
        return;
      }
      metric = result;
    }
    this.#options.observe?.(metric, input);
    this.#encoder.add(metric);
  }

  #scheduleCommit(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#options.takeTurn(() => {
      if (this.#scheduled) this.commit();
    });
  }
}

function isList(result: Metric | readonly Metric[]): result is readonly Metric[] {
  return Array.isArray(result);
}
