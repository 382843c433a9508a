/** What users do to hosts. */
import type { ActedAnswer, LabelRequest } from '../api/fleet.ts';

import type { HostAct } from './control.ts';
import type { Hub } from './hub.ts';
import type { HostRecord } from './records.ts';
import type { Registry } from './registry.ts';
import type { Writers } from './writers.ts';

interface Acting {
  readonly hub: Hub;
  readonly registry: Registry;
  readonly writers: Writers;
}

/** @returns undefined for a host that does not exist @throws RangeError for one that was revoked, but to forget it */
export function act({ hub, registry, writers }: Acting, what: HostAct, name: string): ActedAnswer | undefined {
  const host = hostNamed(registry, name);
  // Nobody has to approve a plain writer, and nothing of it can be revoked.
  if (host === undefined) return what === 'forget' && writers.forget(name) ? acted(name, name) : undefined;
  if (host.revokedAt !== undefined && (what === 'approve' || what === 'rotate'))
    throw new RangeError(`${shownName(host)} was revoked, which holds; make a join token, and let it join again`);
  const suspended = what === 'revoke' ? hub.revoke(host) : [];
  if (what !== 'revoke') hub[what](host);
  registry.write();
  const answer = acted(host.id, shownName(host));
  return suspended.length === 0 ? answer : { ...answer, suspended: suspended.map(({ id }) => id) };
}

/** @throws RangeError for a name that another host has */
export function rename({ hub, registry }: Acting, name: string, title: string): ActedAnswer | undefined {
  const host = hostNamed(registry, name);
  if (host === undefined) return undefined;
  const others = [...registry.hosts()].filter((each) => each !== host);
  if (title !== '' && others.some((each) => each.name === title || each.title === title || each.id === title))
    throw new RangeError(`Another host is called ${title}`);
  hub.rename(host, title);
  registry.write();
  return acted(host.id, shownName(host));
}

/** @throws RangeError for too many labels */
export function label(
  { hub, registry }: Acting,
  name: string,
  labels: LabelRequest['labels'],
): ActedAnswer | undefined {
  const host = hostNamed(registry, name);
  if (host === undefined) return undefined;
  hub.label(host, labels);
  registry.write();
  return acted(host.id, shownName(host));
}

function acted(id: string, name: string): ActedAnswer {
  return { id, name };
}

function shownName({ title, name }: HostRecord): string {
  return title ?? name;
}

/** By id, or by a name that only one host has. */
export function hostNamed(registry: Registry, name: string): HostRecord | undefined {
  const named = [...registry.hosts()].filter((host) => host.name === name || host.title === name);
  return registry.host(name) ?? (named.length === 1 ? named[0] : undefined);
}
