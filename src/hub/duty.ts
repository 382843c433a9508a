/**
 * Of several hubs that an agent has joined, one reports that its host is away: the first in the agent's order that is there. This hub
 * knows that of another one if that is a host of it. Pure; ages are how long this hub had run, so that no clock step counts.
 */
import type { HostRecord } from './records.ts';
import type { HubSettings } from './settings.ts';

/** After a host is down by the clock of the other hub, that has told people at the latest. ms. */
const TELLS_MS = 30_000;

/** @returns whether another hub reports what happens to a host */
export function otherHubs(
  hosts: Iterable<HostRecord>,
  { down }: Pick<HubSettings, 'down'>,
): (host: HostRecord) => boolean {
  const hubs = new Map<string, HostRecord>();
  for (const host of hosts)
    if (host.hub !== undefined && host.isApproved && host.revokedAt === undefined) hubs.set(host.hub, host);
  return (host) => {
    if (host.isReported === true) return false;
    const before = (host.before ?? []).flatMap((id) => hubs.get(id) ?? []);
    return before.some((hub) => hub !== host && (isThere(hub) || hub.heardAge >= host.heardAge + down + TELLS_MS));
  };
}

function isThere({ presence }: HostRecord): boolean {
  return presence === 'up' || presence === 'late';
}
