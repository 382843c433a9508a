/** Counters of a receiver, and whether it is in trouble. Times are ms by the clock's `elapsed`. */
import type { Logger } from '../../core/logger.ts';

import type { Failure, FailureReason } from './failure.ts';

/** A receiver that takes nothing for so long is in trouble. */
const TROUBLE_AFTER_MS = 600_000;

/** @param reason undefined: it works again */
export type OnTrouble = (receiver: string, reason: string | undefined) => void;

export interface Counters {
  readonly sent: number;
  /** Attempts. */
  readonly failures: Readonly<Partial<Record<FailureReason, number>>>;
  /** Of the last message that was accepted, from its making on, ms. */
  readonly lastLatencyMs: number | undefined;
}

export class Health {
  readonly #name: string;
  readonly #log: Logger;
  readonly #onTrouble: OnTrouble;
  readonly #failures: Partial<Record<FailureReason, number>> = {};
  #sent = 0;
  #lastLatencyMs: number | undefined;
  #failingSince: number | undefined;
  #lastError = '';
  #trouble: string | undefined;

  constructor(name: string, log: Logger, onTrouble: OnTrouble) {
    this.#name = name;
    this.#log = log;
    this.#onTrouble = onTrouble;
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** How long nothing has been accepted, since the first failure; 0 if it works. Milliseconds. */
  failingMs(now: number): number {
    return this.#failingSince === undefined ? 0 : now - this.#failingSince;
  }

  get counters(): Counters {
    return {
      sent: this.#sent,
      failures: { ...this.#failures },
      lastLatencyMs: this.#lastLatencyMs,
    };
  }

  /** When to ask `overdue`, if there is need to. */
  get troubleAt(): number | undefined {
    return this.#failingSince === undefined || this.#trouble !== undefined
      ? undefined
      : this.#failingSince + TROUBLE_AFTER_MS;
  }

  succeeded(latencyMs: number): void {
    this.#sent += 1;
    this.#lastLatencyMs = latencyMs;
    if (this.#failingSince !== undefined) this.#log.info(`Notifications to ${this.#name} are accepted again`);
    this.#failingSince = undefined;
    this.#setTrouble(undefined);
  }

  failed({ reason, text }: Failure, now: number): void {
    this.#failures[reason] = (this.#failures[reason] ?? 0) + 1;
    // The end of the agent is nobody's failure.
    if (reason === 'cancelled') return;
    this.#lastError = text;
    if (this.#failingSince === undefined) {
      this.#failingSince = now;
      this.#log.warn(`A notification to ${this.#name} was not accepted: ${text}`);
    }
    this.overdue(now);
  }

  overdue(now: number): void {
    if (this.troubleAt !== undefined && now >= this.troubleAt) {
      this.inTrouble(`nothing was accepted for ${TROUBLE_AFTER_MS / 60_000} minutes: ${this.#lastError}`);
    }
  }

  inTrouble(reason: string): void {
    if (this.#trouble === undefined) this.#log.error(`Notifications to ${this.#name} do not arrive: ${reason}`);
    this.#setTrouble(reason);
  }

  /** The receiver is not the one that failed any more. */
  reset(): void {
    this.#failingSince = undefined;
    this.#setTrouble(undefined);
  }

  #setTrouble(reason: string | undefined): void {
    if (this.#trouble === reason) return;
    this.#trouble = reason;
    this.#onTrouble(this.#name, reason);
  }
}
