/** Another host on the page of its hub. */
import type { FirstData } from '../../api/first.ts';
import type { FleetHost } from '../../api/fleet.ts';
import type { HostInfo } from '../../api/host.ts';
import type { InventoryReport } from '../../api/inventory-report.ts';
import type { HubControl } from '../../hub/control.ts';

import type { Sight } from '../access/sight.ts';
import type { Sources } from '../sources.ts';

const DEFAULT_INTERVAL_MS = 10_000;
const MOST_ADDRESSES = 8;
/** What a host has not told. */
const UNKNOWN_MACHINE = { os: '', kernel: '', arch: '', cores: 0, memoryBytes: 0, timeZone: 'UTC' };

/** The host that an address such as `/h/db-1/time` names, if it is another one of a hub. @param path decoded */
export function hostElsewhere(
  sources: Sources,
  sight: Sight,
  path: string,
): Pick<FirstData, 'host' | 'elsewhere'> | undefined {
  const [, first, name = ''] = path.split('/');
  const own = sources.hostTag() ?? '';
  const hub = sources.hub();
  if (first !== 'h' || name === own || hub === undefined) return undefined;
  const known = hostOf(hub, name);
  if (known === undefined || !sight.host(known.id)) return undefined;
  const intervalMs = sources.host()?.agent.intervalMs ?? DEFAULT_INTERVAL_MS;
  const host = infoOf(known, hub.inventory(known.id)?.report ?? undefined, intervalMs);
  return { host, elsewhere: { id: known.id, path: name, hub: own } };
}

function hostOf(hub: HubControl, name: string): FleetHost | undefined {
  const id = hub.host(name)?.id;
  return id === undefined ? undefined : hub.fleet().hosts.find((each) => each.id === id);
}

function infoOf(
  { id, name, tags, bootedAt, addresses, version, joinedAt }: FleetHost,
  report: InventoryReport | undefined,
  intervalMs: number,
): HostInfo {
  return {
    ...(report === undefined ? UNKNOWN_MACHINE : machineIn(report)),
    ...{ id, name, tags, bootedAt, addresses: addresses.slice(0, MOST_ADDRESSES) },
    agent: { version, startedAt: joinedAt, intervalMs },
  };
}

function machineIn({ os, kernel, arch, cores, memoryBytes, timeZone }: InventoryReport) {
  return { os, kernel, arch, cores, memoryBytes, timeZone };
}
