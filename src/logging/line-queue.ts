/**
 * Lines on their way to one destination. Whoever logs never waits: what the destination does not take in time is dropped,
 * the oldest first, and counted; the next line that gets through says so.
 */
import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';

export interface Destination {
  /** Resolves when it can take more. What it rejects is lost. */
  write(text: string): Promise<void>;
  close?(): Promise<void>;
}

export interface LineQueueOptions {
  readonly destination: Destination;
  /** Most characters that wait. */
  readonly limit?: number;
  /** Most characters that are written at once, except for a line that is longer. */
  readonly chunk?: number;
  /** The line that is written where others were dropped. */
  readonly notice: (dropped: number, why: string) => string;
  /** Told once for each time that writing begins to fail. */
  readonly report: (error: unknown) => void;
  readonly clock: Clock;
}

const LIMIT = 4 * 1024 * 1024;
const CHUNK = 64 * 1024;
/** How long the end waits for a destination that takes nothing. Milliseconds. */
const PATIENCE_MS = 1000;
const TOO_SLOW = 'they could not be written fast enough';

export class LineQueue {
  readonly #options: LineQueueOptions;
  readonly #limit: number;
  readonly #chunk: number;
  /** Oldest first. */
  #lines: string[] = [];
  /** Characters of those. */
  #length = 0;
  #dropped = 0;
  #why = '';
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

  /** Writes what waits, but does not wait long for a destination that is stuck. */
  async close(): Promise<void> {
    const { clock, destination } = this.#options;
    const work = (this.#writing ?? Promise.resolve()).then(() => destination.close?.());
    let cancel: (() => void) | undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = clock.after(PATIENCE_MS, resolve);
    });
    await Promise.race([work, patience]);
    cancel?.();
  }

  /** A quarter at once, because each time moves the rest. */
  #dropOldest(): void {
    const dropped = this.#lines.splice(0, Math.ceil(this.#lines.length / 4));
    this.#length -= lengthOf(dropped);
    this.#lost(dropped.length, TOO_SLOW);
  }

  #lost(lines: number, why: string): void {
    this.#dropped += lines;
    this.#why = why;
  }

  async #write(): Promise<void> {
    while (this.#lines.length > 0) {
      const lines = this.#take();
      const dropped = this.#dropped;
      const text = dropped === 0 ? lines : [this.#options.notice(dropped, this.#why), ...lines];
      this.#dropped = 0;
      try {
        await this.#options.destination.write(`${text.join('\n')}\n`);
        this.#isFailing = false;
      } catch (error) {
        this.#lost(dropped + lines.length, describeError(error));
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
