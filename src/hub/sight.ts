/** What the hub knows of a host that it does not hear, for alerts about it and of it. */
import type { Clock } from '../core/clock.ts';

import type { HostTags } from './host-tags.ts';
import type { Probes } from './probes.ts';
import type { HostRecord } from './records.ts';
import type { Registry } from './registry.ts';
import type { Writers } from './writers.ts';

export interface SightOptions {
  readonly registry: Pick<Registry, 'host' | 'hosts'>;
  readonly tags: Pick<HostTags, 'names'>;
  readonly writers: Pick<Writers, 'all' | 'isWriting'>;
  readonly probes: Pick<Probes, 'opinionOf'>;
  readonly clock: Clock;
}

/** What was asked so shortly before has not changed. ms. */
const KEPT_MS = 1000;

export class Sight {
  readonly #options: SightOptions;
  /** Asked for many alerts at once. */
  #away: { readonly at: number; readonly names: ReadonlySet<string> } = { at: -Infinity, names: new Set() };

  constructor(options: SightOptions) {
    this.#options = options;
  }

  /** Whether the host with this tag `host` is not heard. */
  isAway(name: string): boolean {
    const now = this.#options.clock.elapsed();
    if (now - this.#away.at >= KEPT_MS) this.#away = { at: now, names: this.#names() };
    return this.#away.names.has(name);
  }

  /** What else is known of a host, as a sentence. */
  opinionOf(id: string): string | undefined {
    const { registry, writers, probes } = this.#options;
    const host = registry.host(id);
    if (host === undefined) return undefined;
    const opinion = writers.isWriting(host.name)
      ? 'but a plain writer on it still sends lines'
      : probes.opinionOf(host);
    return opinion && `The hub hears nothing of the agent, ${opinion}.`;
  }

  /** As they stand in the tags of lines. */
  #names(): ReadonlySet<string> {
    const { registry, tags, writers } = this.#options;
    const nameOf = ({ id, name }: HostRecord) => tags.names.get(id) ?? name;
    const hosts = [...registry.hosts()].filter((host) => host.isApproved && host.revokedAt === undefined);
    const all = [...hosts.map((host) => ({ name: nameOf(host), presence: host.presence })), ...writers.all()];
    return new Set(all.filter(({ presence }) => presence !== 'up').map(({ name }) => name));
  }
}
