/**
 * Calls a URL while alerting works, so that a service elsewhere notices when it does not: the agent or its host is down, rules
 * are not evaluated, or a receiver has failed for ten minutes and so cannot be notified about itself. Never holds anything up.
 */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { FailureLog } from '../host/failure-log.ts';
import { RetryableError, type HttpClient } from '../plugin/index.ts';

export interface HeartbeatSettings {
  /** Secret: services identify their customers by its path. */
  readonly url: string;
  /** Milliseconds between calls. */
  readonly every: number;
  readonly proxy?: string | undefined;
}

export interface HeartbeatOptions {
  readonly http: HttpClient;
  /** Why alerting does not work now; undefined if it does. */
  readonly problem: () => string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Shorter than the shortest `every`, so calls never overlap. Milliseconds. */
const TIMEOUT_MS = 8000;

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #failures: FailureLog;
  #settings: HeartbeatSettings | undefined;
  #running = new AbortController();
  #isWithheld = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#failures = new FailureLog(options.log, options.clock);
  }

  /** Starts, changes or ends the calls. The first one is due at once. Settings that stay equal change nothing. */
  use(settings: HeartbeatSettings | undefined): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.stop();
    this.#settings = settings;
    if (settings === undefined) return;
    this.#running = new AbortController();
    this.#beat(settings, this.#running.signal);
  }

  /** Aborts a call that is under way. */
  stop(): void {
    this.#settings = undefined;
    this.#running.abort(new DOMException('stopped', 'AbortError'));
  }

  #beat(settings: HeartbeatSettings, running: AbortSignal): void {
    const { clock } = this.#options;
    const cancel = clock.after(settings.every, () => {
      running.removeEventListener('abort', cancel);
      this.#beat(settings, running);
    });
    running.addEventListener('abort', cancel, { once: true });
    if (this.#mayCall()) void this.#call(settings, running);
  }

  /** Logs when calls end and begin again, since the service only says that they are missing. */
  #mayCall(): boolean {
    const { problem, log } = this.#options;
    const reason = problem();
    const isWithheld = reason !== undefined;
    if (isWithheld && !this.#isWithheld) log.warn(`The heartbeat is withheld: ${reason}`);
    if (!isWithheld && this.#isWithheld) log.info('The heartbeat is sent again');
    this.#isWithheld = isWithheld;
    return !isWithheld;
  }

  async #call({ url, proxy }: HeartbeatSettings, running: AbortSignal): Promise<void> {
    const { http, clock } = this.#options;
    try {
      const deadline = AbortSignal.any([running, clock.signal(TIMEOUT_MS)]);
      const { status } = await http({ url, method: 'GET', proxy }, deadline);
      if (status < 200 || status > 299)
        throw new RetryableError(`${new URL(url).host} answered ${status}${adviceFor(status)}`);
      this.#failures.succeeded('The heartbeat is accepted');
    } catch (error) {
      if (!running.aborted) this.#failures.failed('The heartbeat was not accepted', error);
    }
  }
}

function adviceFor(status: number): string {
  if (status >= 300 && status < 400) return '; redirects are not followed, use the final address';
  return status === 404 || status === 410 ? '; correct alerts.heartbeat.url' : '';
}
