/** The addresses that outputs and notifiers talk to. */
import { isIP } from 'node:net';

import type { LoadedConfig } from '../../config/load.ts';

export interface Address {
  /** `output influxdb`. */
  readonly owner: string;
  readonly url: URL;
}

const MAX_ADDRESSES = 100;

/** URLs anywhere in the options; a broker written as `host:port` is none, and its connection is tested anyway. */
export function addressesOf({ outputs, notifiers }: Pick<LoadedConfig, 'outputs' | 'notifiers'>): readonly Address[] {
  return [...outputs, ...notifiers]
    .flatMap(({ plugin, alias, options }) =>
      texts(options)
        .filter((text) => /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && URL.canParse(text))
        .map((text) => ({ owner: `${plugin.kind} ${alias}`, url: new URL(text) })),
    )
    .filter(({ url }) => url.hostname !== '')
    .slice(0, MAX_ADDRESSES);
}

/** Host names to resolve, each with the first that uses it. */
export function namesOf(addresses: readonly Address[]): ReadonlyMap<string, string> {
  const named = addresses.filter(({ url }) => isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0);
  return new Map(named.toReversed().map(({ owner, url }) => [url.hostname, owner]));
}

function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(texts);
}
