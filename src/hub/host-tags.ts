/**
 * The `host` tag of what members send. A member speaks for itself, and for what it looks after: containers, devices, agents that
 * write through it. It does not speak for another member or for the hub, whose series and history are theirs. Of members with one
 * name, the first of those that are there has it; the others get a part of their id behind it.
 */
import type { Metric } from '../metric/metric.ts';

import type { HostRecord } from './records.ts';

/** The name that a line had which is not the member's. */
export const CLAIMED_HOST = 'claimed_host';

export interface HostTagsOptions {
  readonly hosts: () => Iterable<HostRecord>;
  /** Whether a host is there, or was a moment ago. */
  readonly isThere: (host: HostRecord) => boolean;
  /** Value of the tag `host` of the hub's own metrics. */
  readonly ownName: () => string | undefined;
}

const ID_DIGITS = 6;

export class HostTags {
  readonly #options: HostTagsOptions;
  /** Undefined: something has changed since they were given. */
  #given: { readonly names: ReadonlyMap<string, string>; readonly owners: ReadonlySet<string> } | undefined;

  constructor(options: HostTagsOptions) {
    this.#options = options;
  }

  /** A host has come, gone, or has another name. */
  changed(): void {
    this.#given = undefined;
  }

  /** By the ids of the hosts; no name twice. */
  get names(): ReadonlyMap<string, string> {
    return this.#now.names;
  }

  /** @returns the metric as it goes on, and whether it has claimed to be of another host */
  check(host: HostRecord, metric: Metric): { readonly metric: Metric; readonly isForeign: boolean } {
    const { names, owners } = this.#now;
    const name = names.get(host.id) ?? host.name;
    const claimed = metric.tags['host'];
    if (claimed === name) return { metric, isForeign: false };
    if (claimed === undefined || claimed === host.name)
      return { metric: tagged(metric, { host: name }), isForeign: false };
    if (!owners.has(claimed)) return { metric, isForeign: false };
    return { metric: tagged(metric, { host: name, [CLAIMED_HOST]: claimed }), isForeign: true };
  }

  get #now() {
    return (this.#given ??= this.#give());
  }

  #give() {
    const { hosts, isThere, ownName } = this.#options;
    const own = ownName();
    const taken = new Set(own === undefined ? [] : [own]);
    const owners = new Set(taken);
    const names = new Map<string, string>();
    const claims = [...hosts()].map((host) => {
      const isMember = host.isApproved && host.revokedAt === undefined;
      const rank = isMember && isThere(host) ? 0 : isMember ? 1 : 2;
      return { host, isMember, rank, since: host.formerNames[0]?.until ?? host.joinedAt };
    });
    claims.sort((a, b) => a.rank - b.rank || a.since - b.since || (a.host.id < b.host.id ? -1 : 1));
    for (const { host, isMember } of claims) {
      const { id, name } = host;
      const free = [name, `${name}~${id.slice(0, ID_DIGITS)}`].find((each) => !taken.has(each)) ?? `${name}~${id}`;
      taken.add(free);
      if (isMember) owners.add(free);
      names.set(id, free);
    }
    return { names, owners };
  }
}

function tagged(metric: Metric, tags: Readonly<Record<string, string>>): Metric {
  const all = Object.entries({ ...metric.tags, ...tags });
  return { ...metric, tags: Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
