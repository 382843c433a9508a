/** What users may ask of the hub. */
import type { TokenRequest } from '../api/fleet.ts';
import type { Clock } from '../core/clock.ts';

import { act, hostNamed, label, rename } from './acts.ts';
import type { HubControl } from './control.ts';
import type { OpenHub } from './open.ts';
import type { HostRecord } from './records.ts';
import type { HubSettings } from './settings.ts';
import { fleetAnswer } from './view.ts';

/** Its name is its id. */
function writerNamed({ writers }: OpenHub, name: string): { readonly id: string; readonly name: string } | undefined {
  const writer = writers.find(name);
  return writer && { id: writer.name, name: writer.name };
}

export function controlOf(open: OpenHub, settings: () => HubSettings, clock: Clock): HubControl {
  const { hub, registry, watch, writers, vitals, tags, probes, inventory } = open;
  return {
    host: (name) => hostNamed(registry, name) ?? writerNamed(open, name),
    grants: () =>
      [...registry.hosts()].map(({ id, name, granted }) => ({
        id,
        names: [name, tags.names.get(id) ?? name],
        granted,
      })),
    fleet: () => {
      const siteTag = settings().site_tag;
      const hosts = { hosts: registry.hosts(), writers: writers.all() };
      const opinionOf = (host: HostRecord) => probes.opinionOf(host);
      return fleetAnswer({ ...hosts, sites: watch.sites, siteTag, vitals, opinionOf }, clock.now());
    },
    events: (name, limit) => {
      const id = name === undefined ? undefined : (hostNamed(registry, name)?.id ?? writers.find(name)?.name);
      if (name !== undefined && id === undefined) return undefined;
      return {
        events: registry
          .events(id, limit)
          .map(({ host, ...rest }) => ({ ...rest, ...(host !== undefined && { host }) })),
      };
    },
    inventory: (name) => {
      const host = hostNamed(registry, name);
      return host && inventory.of(host);
    },
    inventories: () => inventory.all(),
    tokens: () => ({
      tokens: registry
        .tokens()
        .map(({ id, tags, createdAt, expiresAt, uses, used }) => ({ id, tags, createdAt, expiresAt, uses, used })),
    }),
    createToken: ({ forgetAfterMs, ...wish }: TokenRequest) => {
      const { token, record } = hub.createToken({ ...wish, forgetAfterMs });
      return { id: record.id, token, expiresAt: record.expiresAt };
    },
    endToken: (id) => {
      const token = registry.tokens().find((each) => each.id === id);
      if (token !== undefined) registry.endToken(token);
      return token !== undefined;
    },
    act: (what, name) => act(open, what, name),
    rename: (name, title) => rename(open, name, title),
    label: (name, labels) => label(open, name, labels),
  };
}
