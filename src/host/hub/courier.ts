/** Brings alerts to the hub: one message at a time, soon after something has changed, and again until the hub has confirmed it. */
import type { AlertsAnswer, AlertsMessage } from '../../api/hub-alerts.ts';
import { backoffMs } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import { TooLargeError } from '../../plugin/index.ts';

import { FailureLog } from '../failure-log.ts';

import type { AlertDesk, AlertLine } from './alert-desk.ts';
import { NotJoinedError, RefusedByHub } from './exchange.ts';

/** Within a session, which is opened if there is none. */
export type Speak = (work: (ask: (message: AlertsMessage) => Promise<AlertsAnswer>) => Promise<void>) => Promise<void>;

export interface CourierOptions {
  /** Of the hub: see `AlertLink`. */
  readonly name: string;
  readonly order: () => number;
  readonly desk: AlertDesk;
  readonly deliverAfterMs: number;
  readonly speak: Speak;
  /** See `AlertLink`. */
  readonly why?: (fingerprint: string) => Promise<unknown>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** Changes of this time go together. ms. */
const GATHER_MS = 100;
const BACKOFF = { minMs: 1000, maxMs: 10_000 };
const HTTP_NOT_FOUND = 404;

export class Courier {
  readonly #options: CourierOptions;
  readonly #line: AlertLine;
  readonly #failures: FailureLog;
  #isWaiting = false;
  #isBusy = false;
  #isClosed = false;
  #hasNews = false;
  #failed = 0;
  #cancel: () => void = () => undefined;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#failures = new FailureLog(options.log, options.clock);
    this.#line = options.desk.open({
      name: options.name,
      order: options.order,
      deliverAfterMs: options.deliverAfterMs,
      ...(options.why !== undefined && { why: options.why }),
      onNews: () => {
        this.#hasNews = true;
        if (!this.#isWaiting && !this.#isBusy) this.#later(GATHER_MS);
      },
    });
  }

  /** A session has begun. @param id of this host at the hub @param label of the hub, for people */
  began(id: string, label: string): void {
    this.#line.began(id, label);
  }

  /** @param version see `AlertLine` */
  heard(version: string): void {
    this.#line.heard(version);
  }

  /** The hub does not answer, or refuses this host. */
  failed(error: unknown): void {
    this.#line.silent();
    if (isFinal(error)) this.#line.unavailable();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#line.close();
  }

  #later(ms: number): void {
    if (this.#isClosed) return;
    this.#isWaiting = true;
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#isWaiting = false;
      void this.#go();
    });
  }

  async #go(): Promise<void> {
    this.#isBusy = true;
    this.#hasNews = false;
    try {
      await this.#options.speak((ask) => this.#deliver(ask));
      this.#failed = 0;
      this.#failures.succeeded('Alerts are handed to the hub');
    } catch (error) {
      this.#failed += 1;
      this.#hasNews = true;
      this.failed(error);
      if (!this.#isClosed) this.#failures.failed('Alerts could not be handed to the hub', error);
    } finally {
      this.#isBusy = false;
    }
    if (this.#hasNews)
      this.#later(this.#failed === 0 ? GATHER_MS : backoffMs(this.#failed, BACKOFF, this.#options.random()));
  }

  async #deliver(ask: (message: AlertsMessage) => Promise<AlertsAnswer>): Promise<void> {
    const message = this.#isClosed ? undefined : this.#line.next();
    if (message === undefined) return;
    try {
      const answer = await ask(message);
      if (!this.#isClosed) this.#line.answered(message, answer);
    } catch (error) {
      if (error instanceof TooLargeError) this.#line.tooLarge();
      else this.#line.failed();
      throw error;
    }
  }
}

/** Whether the hub will not notify, however often it is asked. */
function isFinal(error: unknown): boolean {
  if (error instanceof NotJoinedError) return true;
  if (!(error instanceof RefusedByHub)) return false;
  const { code, status } = error;
  return status === HTTP_NOT_FOUND || (code !== undefined && code !== 'session' && code !== 'clone');
}
