import type { LineBatch } from '../metric/batch.ts';
import type { Clock } from '../core/clock.ts';
import type { Output } from '../plugin/index.ts';

import { Deadline } from '../host/deadline.ts';

export interface GuardedOutputOptions {
  /** Deadline of each call. Milliseconds. */
  readonly timeout: number;
  readonly clock: Clock;
  /** Aborts a running call. */
  readonly signal: AbortSignal;
}

/** A plugin's output, connected once, with a deadline for each call. */
export class GuardedOutput {
  readonly #output: Output;
  readonly #options: GuardedOutputOptions;
  #isConnected = false;

  constructor(output: Output, options: GuardedOutputOptions) {
    this.#output = output;
    this.#options = options;
  }

  async connect(): Promise<void> {
    if (this.#isConnected) return;
    await this.#guard('Could not connect', (signal) => this.#output.connect?.(signal));
    this.#isConnected = true;
  }

  write(batch: LineBatch): Promise<void> {
    return this.#guard('The destination did not answer', (signal) => this.#output.write(batch, signal));
  }

  async #guard(what: string, work: (signal: AbortSignal) => Promise<void> | undefined): Promise<void> {
    const { timeout, clock, signal: parent } = this.#options;
    const deadline = new Deadline({ timeout, what, clock, parent });
    await deadline.guard(work(deadline.signal) ?? Promise.resolve());
  }
}
