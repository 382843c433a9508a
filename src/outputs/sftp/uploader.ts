import { describeError, type Clock, type Logger } from '../../plugin/index.ts';

export interface Outage {
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  /** Error of the last attempt. */
  readonly reason: string;
  /** Number of failed attempts. */
  readonly attempts: number;
}

export interface UploaderOptions {
  /** Uploads all finished files; files that were uploaded before a failure need no retry. */
  readonly upload: (signal: AbortSignal) => Promise<void>;
  /** Milliseconds from the end of an upload to the start of the next one. */
  readonly interval: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Uploads on a schedule. Logs the first failure of an outage, and its end. */
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

  /** Starts the first upload now; later calls have no effect. */
  start(): void {
    if (this.#running === undefined) this.#next();
  }

  /** Aborts an upload in progress; the next one resumes it. */
  async stop(): Promise<void> {
    this.#stopping.abort(new DOMException('The agent stops', 'AbortError'));
    this.#cancel?.();
    await this.#running;
  }

  #next(): void {
    this.#running = this.#upload().then(() => {
      if (this.#stopping.signal.aborted) return;
      this.#cancel = this.#options.clock.after(this.#options.interval, () => {
        this.#next();
      });
    });
  }

  async #upload(): Promise<void> {
    const { upload, log, clock } = this.#options;
    const { signal } = this.#stopping;
    try {
      await upload(signal);
      if (this.#outage !== undefined) log.info('Uploads work again', { failed_attempts: this.#outage.attempts });
      this.#outage = undefined;
    } catch (error) {
      if (signal.aborted) return;
      const reason = describeError(error);
      if (this.#outage === undefined) log.warn(`Cannot upload; files are kept and retried: ${reason}`);
      else log.debug(`Still cannot upload: ${reason}`);
      const { since = clock.now(), attempts = 0 } = this.#outage ?? {};
      this.#outage = { since, reason, attempts: attempts + 1 };
    }
  }
}
