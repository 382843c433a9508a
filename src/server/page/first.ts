/** What the page shows before its script has asked for anything. */
import type { FirstData } from '../../api/first.ts';
import type { Clock } from '../../core/clock.ts';

import type { Caller } from '../route.ts';
import { shownFindings } from '../shown.ts';
import type { Frozen, Sources } from '../sources.ts';

const DEFAULT_INTERVAL_MS = 10_000;
const MOST_ADDRESSES = 8;
/** What a hub does not know of a host. */
const UNKNOWN_MACHINE = { os: '', kernel: '', arch: '', cores: 0, memoryBytes: 0, timeZone: 'UTC' };

export interface FirstOptions {
  readonly caller: Caller;
  readonly hasPassword: boolean;
  readonly clock: Clock;
  /** Of the address, decoded. */
  readonly path: string;
}

export function firstData(sources: Sources, { caller, hasPassword, clock, path }: FirstOptions): Frozen<FirstData> {
  const { mayRead, mayAct } = caller;
  const session = { mayRead, mayAct, hasPassword };
  if (!mayRead) return { now: clock.now(), session };
  const [own, findings] = [sources.host(), sources.findings()];
  const other = hostElsewhere(sources, path);
  const host = other?.host ?? own;
  return {
    now: clock.now(),
    session,
    isHub: sources.hub() !== undefined,
    ...(host && { host }),
    ...(other && { elsewhere: other.elsewhere }),
    ...(findings && { findings: shownFindings(findings, caller) }),
  };
}

/** The host that an address such as `/h/db-1/time` names, if it is another one of a hub. */
function hostElsewhere(
  sources: Sources,
  path: string,
): { readonly host: FirstData['host']; readonly elsewhere: FirstData['elsewhere'] } | undefined {
  const [, first, name = ''] = path.split('/');
  if (first !== 'h' || name === sources.hostTag()) return undefined;
  const id = sources.hub()?.host(name)?.id;
  const known =
    id === undefined
      ? undefined
      : sources
          .hub()
          ?.fleet()
          .hosts.find((each) => each.id === id);
  if (known === undefined) return undefined;
  const { tags, bootedAt, addresses, version, joinedAt } = known;
  const intervalMs = sources.host()?.agent.intervalMs ?? DEFAULT_INTERVAL_MS;
  const host = {
    ...UNKNOWN_MACHINE,
    id: known.id,
    name: known.name,
    tags,
    bootedAt,
    addresses: addresses.slice(0, MOST_ADDRESSES),
    agent: { version, startedAt: joinedAt, intervalMs },
  };
  return { host, elsewhere: { id: known.id, path: name, hub: sources.hostTag() ?? '' } };
}
