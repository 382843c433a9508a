import { describeError, type Clock, type Logger } from '../../plugin/index.ts';

export interface Outage {
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  /** Of the last turn. */
  readonly reason: string;
  /** Turns that failed. */
  readonly turns: number;
}

export interface UploaderOptions {
  /** Uploads what there is; files that are through when it fails need not be tried again. */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** Milliseconds from the end of a turn to the next. */
  readonly interval: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Takes turns, one after the other, on a schedule. Says once that they fail, and once that they work again. */
export class Uploader {
  readonly #options: UploaderOptions;
  readonly #stopping = new AbortController();
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #outage: Outage | undefined;

  constructor(options: UploaderOptions) {
    this.#options = options;
  }

  get outage(): Outage | undefined {
    return this.#outage;
  }

  /** Takes the first turn now; later calls change nothing. */
  start(): void {
    if (this.#running === undefined) this.#next();
  }

  /** Ends a turn in its middle; what it has brought to the server is continued the next time. */
  async stop(): Promise<void> {
    this.#stopping.abort(new DOMException('The agent stops', 'AbortError'));
    this.#cancel?.();
    await this.#running;
  }

  #next(): void {
    this.#running = this.#turn().then(() => {
      if (this.#stopping.signal.aborted) return;
      this.#cancel = this.#options.clock.after(this.#options.interval, () => {
        this.#next();
      });
    });
  }

  async #turn(): Promise<void> {
    const { turn, log, clock } = this.#options;
    const { signal } = this.#stopping;
    try {
      await turn(signal);
      if (this.#outage !== undefined) log.info('Uploads work again', { failed_turns: this.#outage.turns });
      this.#outage = undefined;
    } catch (error) {
      if (signal.aborted) return;
      const reason = describeError(error);
      if (this.#outage === undefined) log.warn(`Cannot upload; files are kept and tried again: ${reason}`);
      else log.debug(`Still cannot upload: ${reason}`);
      const { since = clock.now(), turns = 0 } = this.#outage ?? {};
      this.#outage = { since, reason, turns: turns + 1 };
    }
  }
}
