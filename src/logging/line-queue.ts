/**
 * Bounded queue of lines for one destination. Logging never blocks: when the destination is too slow, the oldest lines are
 * dropped and counted, and a notice with the count precedes the next line.
 */
import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';

export interface Destination {
  /** Resolves when it accepts more. If it rejects, the lines are lost. */
  write(text: string): Promise<void>;
  close?(): Promise<void>;
}

export interface LineQueueOptions {
  readonly destination: Destination;
  /** Maximum queued characters. Default 4 Mi. */
  readonly limit?: number;
  /** Maximum characters per write, unless a single line is longer. Default 64 Ki. */
  readonly chunk?: number;
  /** The line to write where others were dropped. */
  readonly notice: (dropped: number, reason: string) => string;
  /** Called once when writing begins to fail. */
  readonly report: (error: unknown) => void;
  readonly clock: Clock;
}

const LIMIT = 4 * 1024 * 1024;
const CHUNK = 64 * 1024;
/** Deadline of the last flush. */
const CLOSE_TIMEOUT_MS = 1000;
const TOO_SLOW = 'the destination is too slow';

export class LineQueue {
  readonly #options: LineQueueOptions;
  readonly #limit: number;
  readonly #chunk: number;
  /** Oldest first. */
  #lines: string[] = [];
  /** Characters in `#lines`. */
  #length = 0;
  #dropped = 0;
  #reason = '';
  #isFailing = false;
  #writing: Promise<void> | undefined;

  constructor(options: LineQueueOptions) {
    this.#options = options;
    this.#limit = options.limit ?? LIMIT;
    this.#chunk = options.chunk ?? CHUNK;
  }

  /** @param line without a line break */
  push(line: string): void {
    this.#lines.push(line);
    this.#length += line.length + 1;
    if (this.#length > this.#limit) this.#dropOldest();
    this.#writing ??= this.#write();
  }

  /** Flushes the queue, within a deadline in case the destination is stuck. */
  async close(): Promise<void> {
    const { clock, destination } = this.#options;
    const work = (this.#writing ?? Promise.resolve()).then(() => destination.close?.());
    let cancel: (() => void) | undefined;
    const deadline = new Promise<void>((resolve) => {
      cancel = clock.after(CLOSE_TIMEOUT_MS, resolve);
    });
    await Promise.race([work, deadline]);
    cancel?.();
  }

  /** Drops a quarter at once, since each splice moves all remaining lines. */
  #dropOldest(): void {
    const dropped = this.#lines.splice(0, Math.ceil(this.#lines.length / 4));
    this.#length -= lengthOf(dropped);
    this.#countDropped(dropped.length, TOO_SLOW);
  }

  #countDropped(lines: number, reason: string): void {
    this.#dropped += lines;
    this.#reason = reason;
  }

  async #write(): Promise<void> {
    while (this.#lines.length > 0) {
      const lines = this.#take();
      const dropped = this.#dropped;
      const text = dropped === 0 ? lines : [this.#options.notice(dropped, this.#reason), ...lines];
      this.#dropped = 0;
      try {
        await this.#options.destination.write(`${text.join('\n')}\n`);
        this.#isFailing = false;
      } catch (error) {
        this.#countDropped(dropped + lines.length, describeError(error));
        if (!this.#isFailing) this.#options.report(error);
        this.#isFailing = true;
      }
    }
    this.#writing = undefined;
  }

  #take(): readonly string[] {
    let count = 0;
    for (let length = 0; count < this.#lines.length; count += 1) {
      length += (this.#lines[count] ?? '').length + 1;
      if (count > 0 && length > this.#chunk) break;
    }
    const lines = this.#lines.splice(0, count);
    this.#length -= lengthOf(lines);
    return lines;
  }
}

/** Characters, with line breaks. */
function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
