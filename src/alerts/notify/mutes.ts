/** What holds firing alerts back from receivers at present: each reason is audited once, and shapes what follows it. */
import { NOTIFIED_BY_HUB } from '../../api/hub-alerts.ts';
import type { Clock } from '../../core/clock.ts';
import type { Want } from '../audience/audience.ts';
import { BELOW, INHIBITED } from '../audience/suppression.ts';
import type { AlertStore } from '../store/store.ts';

import type { Fact } from './truth.ts';

export class Mutes {
  readonly #store: AlertStore;
  readonly #clock: Clock;
  /** By receiver and fingerprint. */
  readonly #reasons = new Map<string, string>();

  constructor(store: AlertStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  note({ fingerprint, view: { rule, host } }: Fact, receiver: string, reason: string): void {
    const key = `${receiver} ${fingerprint}`;
    if (this.#reasons.get(key) === reason) return;
    this.#reasons.set(key, reason);
    this.#store.audit({ at: this.#clock.now(), kind: 'suppressed', reason, fingerprint, rule, host, receiver });
  }

  /** @returns the last reason, which is forgotten */
  take(receiver: string, fingerprint: string): string | undefined {
    const key = `${receiver} ${fingerprint}`;
    const reason = this.#reasons.get(key);
    this.#reasons.delete(key);
    return reason;
  }
}

/** A minimum level is no mute: the alert was harmless. Nor is another hub, which may not have notified. */
export function isRealMute(reason: string | undefined): boolean {
  return reason !== undefined && !reason.startsWith(BELOW) && !reason.startsWith(NOTIFIED_BY_HUB);
}

/**
 * How much of the wait for others of the group is over, in milliseconds. An alert that began long ago does not wait, nor one
 * whose silence ended. An alert that another one explained often ends a little later than that.
 */
export function waited({ view }: Fact, want: Want, mute: string | undefined, now: number): number {
  if (mute?.startsWith(INHIBITED) === true) return want.waitMs - want.endWaitMs;
  return isRealMute(mute) ? want.waitMs : Math.max(0, now - view.startsAt);
}
