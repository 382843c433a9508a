/** Alerts that no hub has confirmed in time: the audit log says so once for each. */
import type { Clock } from '../../core/clock.ts';
import { rank } from '../../plugin/notification.ts';
import type { Fact } from '../notify/truth.ts';
import type { AlertStore } from '../store/store.ts';

import type { Handed, HandedRecord } from './handed.ts';

export function isOverdue({ view }: Fact, { isLate, hubs }: HandedRecord): boolean {
  return isLate !== true && Object.values(hubs).every(({ accepted }) => accepted < rank(view.level));
}

/** In a transaction. @param end of the time of the last hub, by the clock's `elapsed` */
export function noteOverdue(
  { fingerprint, view: { rule, host } }: Fact,
  end: number,
  handed: Handed,
  { store, clock }: { readonly store: AlertStore; readonly clock: Clock },
): void {
  const record = handed.get(fingerprint);
  if (record === undefined) return;
  handed.put(fingerprint, { ...record, isLate: true });
  const at = Math.floor(clock.now() - (clock.elapsed() - end));
  store.audit({ at, kind: 'handover', reason: 'not_confirmed', fingerprint, rule, host });
}
