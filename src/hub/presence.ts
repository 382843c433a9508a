/**
 * Whether a host is there, from when the hub heard of it last. Pure; time is elapsed time, so that no clock step makes a host
 * late, and time in which the hub itself stood still counts for nobody.
 *
 * up → late → unreachable → down. Unreachable: the hub heard nothing for as long as makes a host down, but cannot tell whether
 * that is the host's fault, since most hosts of its site fell silent together. Stopped: the agent said goodbye.
 */
import type { Goodbye } from '../api/hub-protocol.ts';

export type Presence = 'pending' | 'up' | 'late' | 'unreachable' | 'down' | 'stopped';

/** All in ms. */
export interface PresenceSettings {
  readonly late: number;
  readonly down: number;
}

export interface Heard {
  readonly isApproved: boolean;
  /** Since the last message. ms. */
  readonly silentMs: number;
  readonly goodbye: Goodbye | undefined;
  readonly presence: Presence;
}

/** Hosts of a site that must be silent together before the hub doubts its own view. */
const FEWEST_LOST = 3;
const LOST_SHARE = 0.5;
/** How long hosts of a lost site are unreachable before each of them is down. ms. */
export const DOUBT_MS = 300_000;
/** A reboot may take this long before the host is down. ms. */
const REBOOT_MS = 600_000;

/** @param doubtMs since the site was lost; undefined if it is not */
export function presenceOf(host: Heard, { late, down }: PresenceSettings, doubtMs: number | undefined): Presence {
  const { isApproved, silentMs, goodbye } = host;
  if (!isApproved) return 'pending';
  if (goodbye === 'stop' || goodbye === 'shutdown') return 'stopped';
  if (goodbye === 'reboot' && silentMs < REBOOT_MS) return silentMs < late ? 'up' : 'late';
  if (silentMs < late) return 'up';
  if (silentMs < down) return 'late';
  // A host that was down before the site was lost stays down.
  if (host.presence === 'down') return 'down';
  return doubtMs !== undefined && doubtMs < DOUBT_MS ? 'unreachable' : 'down';
}

export interface SiteCount {
  /** Hosts that should be heard, and were up a while ago. */
  readonly expected: number;
  /** Of them, those that are silent. */
  readonly silent: number;
}

/** Whether the hosts of a site are counted: a goodbye, and being down for long, say nothing about the network. */
export function countsForSite(host: Heard, { down }: PresenceSettings): boolean {
  const isExpected = host.isApproved && host.goodbye === undefined;
  return isExpected && !(host.presence === 'down' && host.silentMs > down + DOUBT_MS);
}

/** Whether so many hosts of a site are silent that the way to it is the likely cause. */
export function isSiteLost({ expected, silent }: SiteCount): boolean {
  return silent >= FEWEST_LOST && silent >= expected * LOST_SHARE;
}
