/** What goes wrong with rules while they judge: counted, and logged once an hour. */
import type { Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Tags } from '../../metric/metric.ts';
import type { Rule } from '../rules/rule.ts';
import type { AlertStore } from '../store/store.ts';

import type { Identity } from './instance.ts';

export interface FaultCounts {
  /** Samples of series beyond the limit. */
  readonly refused: number;
  /** Samples of a second series that means the same alert. */
  readonly conflicts: number;
  /** Samples that a rule could not judge. */
  readonly failures: number;
}

const AGAIN_MS = 3_600_000;
const MOST_KNOWN = 1000;

export class Faults {
  readonly #clock: Clock;
  readonly #store: AlertStore;
  readonly #log: Logger;
  readonly #loggedAt = new Map<string, number>();
  readonly #counts = { refused: 0, conflicts: 0, failures: 0 };

  constructor(clock: Clock, store: AlertStore, log: Logger) {
    this.#clock = clock;
    this.#store = store;
    this.#log = log;
  }

  get counts(): FaultCounts {
    return { ...this.#counts };
  }

  tooMany(rule: Rule, most: number): void {
    this.#counts.refused += 1;
    const message = `The rule ${rule.id} is about more than ${most} series; the others are not judged`;
    if (this.#complain(`cap ${rule.id}`, message)) this.audit('series_cap', { rule: rule.id, most });
  }

  conflict(rule: Rule, { fingerprint, tags }: Identity, series: readonly (Tags | undefined)[]): void {
    this.#counts.conflicts += 1;
    const message = `Two series are one alert of the rule ${rule.id}; add to its group_by what tells them apart`;
    this.#complain(`conflict ${fingerprint}`, message, { alert: tags, series });
  }

  failed(rule: Rule, error: unknown): void {
    this.#counts.failures += 1;
    this.#complain(`rule ${rule.id}`, `The rule ${rule.id} failed: ${describeError(error)}`);
  }

  audit(reason: string, detail: Readonly<Record<string, unknown>>): void {
    this.write(() => {
      this.#store.audit({ at: this.#clock.now(), kind: 'agent', reason, detail });
    });
  }

  /** A store that fails costs no alert. */
  write(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#complain('store', `What alerts do cannot be stored: ${describeError(error)}`);
    }
  }

  /** @param about what the fault is one and the same for */
  #complain(about: string, message: string, meta: Readonly<Record<string, unknown>> = {}): boolean {
    const now = this.#clock.elapsed();
    if (now - (this.#loggedAt.get(about) ?? -Infinity) < AGAIN_MS) return false;
    if (this.#loggedAt.size >= MOST_KNOWN) this.#loggedAt.clear();
    this.#loggedAt.set(about, now);
    this.#log.error(message, meta);
    return true;
  }
}
