/** Which hosts differ from most. */
import type { FleetInventoryAnswer } from '../../api/answers.ts';

export type Listed = FleetInventoryAnswer['hosts'][number];

export const COMPARED = ['os', 'kernel', 'arch', 'virtualisation', 'version'] as const;
export type Compared = (typeof COMPARED)[number];

export interface Drift extends Listed {
  /** What most have instead. */
  readonly differs: ReadonlyMap<Compared, string>;
}

/** A value counts as that of most if at least half have it. Kernels are compared among hosts with the same system. */
export function driftOf(hosts: readonly Listed[]): readonly Drift[] {
  const usual = new Map<string, string | undefined>();
  const groupOf = (host: Listed, key: Compared) => (key === 'kernel' ? `kernel of ${host.os}` : key);
  for (const key of COMPARED) {
    const groups = new Map<string, Listed[]>();
    for (const host of hosts) {
      const group = groups.get(groupOf(host, key));
      if (group === undefined) groups.set(groupOf(host, key), [host]);
      else group.push(host);
    }
    for (const [group, members] of groups) usual.set(group, mostCommon(members.map((host) => host[key])));
  }
  return hosts.map((host) => {
    const pairs = COMPARED.flatMap((key): [Compared, string][] => {
      const most = usual.get(groupOf(host, key));
      return most === undefined || host[key] === most || host[key] === '' ? [] : [[key, most]];
    });
    return { ...host, differs: new Map(pairs) };
  });
}

function mostCommon(values: readonly string[]): string | undefined {
  const known = values.filter((value) => value !== '');
  const counts = new Map<string, number>();
  for (const value of known) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most !== undefined && 2 * most[1] >= known.length && known.length > 1 ? most[0] : undefined;
}
