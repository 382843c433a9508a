/** Hosts by a tag. */
import type { FleetHost } from '../../api/answers.ts';

export interface HostGroup<Host> {
  /** Of the tag; empty for hosts that do not have it. */
  readonly value: string;
  readonly hosts: readonly Host[];
}

/** @param tag undefined: all hosts are one group */
export function groupsOf<Host extends FleetHost>(
  hosts: readonly Host[],
  tag: string | undefined,
): readonly HostGroup<Host>[] {
  if (tag === undefined) return hosts.length === 0 ? [] : [{ value: '', hosts }];
  const groups = new Map<string, Host[]>();
  for (const host of hosts) {
    const value = host.tags[tag] ?? '';
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [host]);
    else group.push(host);
  }
  return [...groups]
    .map(([value, members]) => ({ value, hosts: members }))
    .sort((a, b) => Number(a.value === '') - Number(b.value === '') || a.value.localeCompare(b.value, 'en'));
}

/** Tags that tell hosts apart, those that most hosts have first. */
export function tagKeys(hosts: readonly FleetHost[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { tags } of hosts) for (const key of Object.keys(tags)) counts.set(key, (counts.get(key) ?? 0) + 1);
  counts.delete('host');
  return [...counts].sort(([a, many], [b, others]) => others - many || a.localeCompare(b, 'en')).map(([key]) => key);
}
