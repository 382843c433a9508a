/** At the hub: what agents did about their alerts by themselves goes into the audit log, once. */
import type { Deed } from '../../api/hub-alerts.ts';
import type { Clock } from '../../core/clock.ts';
import type { AlertStore } from '../store/store.ts';
import { BY_AGENT } from '../why/steps.ts';

import { OLDEST_MS } from './deeds.ts';

/** An alert of a host, as the hub knows it. */
export interface DeedSubject {
  /** Fingerprint here. */
  readonly key: string;
  readonly rule?: string | undefined;
  readonly host: string;
}

/** Of one alert within an hour: more than that is a flood. */
const MOST_AN_HOUR = 100;
const HOUR_MS = 3_600_000;

/** In a transaction. @param from name of the host */
export function noteDeed(deed: Deed, subject: DeedSubject, from: string, store: AlertStore, clock: Clock): void {
  const { id, receiver, kind, outcome, error, ageMs } = deed;
  const { key: fingerprint, rule, host } = subject;
  const now = clock.now();
  const known = store.history({ fingerprint, kinds: ['handover'], limit: 10 * MOST_AN_HOUR });
  if (known.some(({ detail }) => detail?.['deed'] === id)) return;
  const recent = known.filter(({ at, detail }) => at > now - HOUR_MS && detail?.['deed'] !== undefined);
  if (recent.length >= MOST_AN_HOUR) return;
  store.audit({
    at: Math.round(now - Math.min(ageMs, OLDEST_MS)),
    kind: 'handover',
    reason: `${BY_AGENT}${outcome === 'accepted' ? 'delivered' : 'failed'}`,
    fingerprint,
    ...(rule !== undefined && { rule }),
    host,
    receiver,
    detail: {
      deed: id,
      from,
      kinds: [kind],
      ...(outcome === 'unknown' && { unknown: true }),
      ...(error !== undefined && { error }),
    },
  });
}
