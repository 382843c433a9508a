/**
 * Alerts of a host that a hub does not hear: whether they still fire nobody knows, so they are unknown until the host is back, and
 * do not end because nothing comes.
 */
import type { Instance } from './instance.ts';

/** Whether a hub does not hear the host of this name. False for a host that it does not know. */
export type IsAway = (host: string) => boolean;

/** A series with a long interval is unknown after this, when its host is away. ms. */
const STALE_MS = 60_000;

/** Not of rules that fire because nothing comes. @param elapsed now, on the clock's `elapsed` */
export function isUnknown({ rule, identity, heardAt, cadence }: Instance, elapsed: number, isAway: IsAway): boolean {
  if (identity.host === '' || rule.isDeadman || rule.noData.action === 'alert') return false;
  return elapsed - heardAt >= Math.min(cadence.tolerance, STALE_MS) && isAway(identity.host);
}
