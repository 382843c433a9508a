/** Which hosts a caller sees. What is in doubt is not seen. */
import type { HostScope } from '../../api/access.ts';
import type { Tags } from '../../metric/metric.ts';
import type { Sources } from '../sources.ts';

export interface Sight {
  /** Every host, and what belongs to none. */
  readonly isWhole: boolean;
  /** The host of the agent itself. */
  readonly own: boolean;
  /** A host of the hub, by its id. */
  host(id: string): boolean;
  /** By the value of the tag `host`; undefined: the agent's own. A name that several hosts have is seen if each of them is. */
  named(name: string | undefined): boolean;
}

export const WHOLE: Sight = { isWhole: true, own: true, host: () => true, named: () => true };

/** A host is in a scope by what its agent cannot choose: tags of the join token and labels; the agent's own host by `agent.tags`. */
export function sightOf(scope: HostScope | undefined, sources: Pick<Sources, 'hub' | 'host' | 'hostTag'>): Sight {
  if (scope === undefined) return WHOLE;
  const own = isIn(scope, sources.host()?.tags ?? {});
  const ids = new Set<string>();
  const names = new Map<string, boolean>();
  for (const { id, name, granted } of sources.hub()?.grants() ?? []) {
    const isSeen = isIn(scope, granted);
    if (isSeen) ids.add(id);
    names.set(name, isSeen && names.get(name) !== false);
  }
  const ownName = sources.hostTag();
  return {
    isWhole: false,
    own,
    host: (id) => ids.has(id),
    named: (name) => (name === undefined || name === ownName ? own : names.get(name) === true),
  };
}

function isIn(scope: HostScope, tags: Tags): boolean {
  return Object.entries(scope).every(([key, wanted]) => {
    const value = Object.hasOwn(tags, key) ? tags[key] : undefined;
    return value !== undefined && (typeof wanted === 'string' ? value === wanted : wanted.includes(value));
  });
}
