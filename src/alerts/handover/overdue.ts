/** Alerts that the hub has not confirmed in time: the audit log says so once for each. */
import type { Clock } from '../../core/clock.ts';
import { rank } from '../../plugin/notification.ts';
import type { Fact } from '../notify/truth.ts';
import type { AlertStore } from '../store/store.ts';

import type { Handed, HandedRecord } from './handed.ts';

/** @param before those of then and before are overdue, by the clock's `elapsed` */
export function isOverdue({ view }: Fact, record: HandedRecord | undefined, before: number): boolean {
  if (record === undefined || record.isLate === true) return false;
  return record.at <= before && record.accepted < rank(view.level);
}

/** In a transaction. */
export function noteOverdue(
  { fingerprint, view: { rule, host } }: Fact,
  handed: Handed,
  { store, clock, after }: { readonly store: AlertStore; readonly clock: Clock; readonly after: number },
): void {
  const record = handed.get(fingerprint);
  if (record === undefined) return;
  handed.put(fingerprint, { ...record, isLate: true });
  const at = Math.floor(clock.now() - (clock.elapsed() - record.at - after));
  store.audit({ at, kind: 'handover', reason: 'not_confirmed', fingerprint, rule, host });
}
