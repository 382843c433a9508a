/** Errors of rules and of the store while alerts are evaluated: counted, and each logged once an hour. */
import type { Instant } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Tags } from '../../metric/metric.ts';
import type { Rule } from '../rules/rule.ts';
import type { AlertStore } from '../store/store.ts';

import type { Identity } from './instance.ts';

export interface FaultCounts {
  /** Samples of series beyond the limit. */
  readonly refused: number;
  /** Samples of a second series that would be the same alert. */
  readonly conflicts: number;
  /** Samples of a time far ahead, which were judged as of now. */
  readonly ahead: number;
  /** Samples that a rule failed to evaluate. */
  readonly failures: number;
}

const AGAIN_MS = 3_600_000;
const MOST_KNOWN = 1000;

export class Faults {
  readonly #store: AlertStore;
  readonly #log: Logger;
  readonly #loggedAt = new Map<string, number>();
  readonly #counts = { refused: 0, conflicts: 0, ahead: 0, failures: 0 };

  constructor(store: AlertStore, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  get counts(): FaultCounts {
    return { ...this.#counts };
  }

  tooMany(rule: Rule, most: number, now: Instant): void {
    this.#counts.refused += 1;
    const message = `The rule ${rule.id} matches more than ${most} series; the others are not evaluated`;
    if (this.#complain(`cap ${rule.id}`, now, message)) this.audit('series_cap', { rule: rule.id, most }, now);
  }

  conflict(rule: Rule, { fingerprint, tags }: Identity, series: readonly (Tags | undefined)[], now: Instant): void {
    this.#counts.conflicts += 1;
    const message = `Two series are one alert of the rule ${rule.id}; add a tag that distinguishes them to its group_by`;
    this.#complain(`conflict ${fingerprint}`, now, message, { alert: tags, series });
  }

  ahead(measurement: string, { host = '' }: Tags, now: Instant): void {
    this.#counts.ahead += 1;
    const whose = host === '' ? measurement : `${measurement} of ${host}`;
    const message = `Samples of ${whose} have times of more than ten minutes ahead and are judged as of now; set its clock`;
    this.#complain(`ahead ${host}`, now, message);
  }

  failed(rule: Rule, error: unknown, now: Instant): void {
    this.#counts.failures += 1;
    this.#complain(`rule ${rule.id}`, now, `The rule ${rule.id} failed: ${describeError(error)}`);
  }

  audit(reason: string, detail: Readonly<Record<string, unknown>>, now: Instant): void {
    this.write(() => {
      this.#store.audit({ at: now.wall, kind: 'agent', reason, detail });
    }, now);
  }

  /** Writes to the store. A failure is logged and costs no alert. */
  write(work: () => void, now: Instant): void {
    try {
      work();
    } catch (error) {
      this.#complain('store', now, `Cannot store the state of alerts: ${describeError(error)}`);
    }
  }

  /** @param subject equal for faults that are logged as one */
  #complain(subject: string, { elapsed }: Instant, message: string, meta?: Readonly<Record<string, unknown>>): boolean {
    if (elapsed - (this.#loggedAt.get(subject) ?? -Infinity) < AGAIN_MS) return false;
    if (this.#loggedAt.size >= MOST_KNOWN) this.#loggedAt.clear();
    this.#loggedAt.set(subject, elapsed);
    this.#log.error(message, meta ?? {});
    return true;
  }
}
