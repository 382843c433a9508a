/** A series set: one measurement with one set of tags, of one host. Its fields are columns. */
import type { Metric, Tags } from '../metric/metric.ts';

export interface SeriesSet {
  /** The id of the host, which stays when the host is renamed; empty for the agent's own. */
  readonly host: string;
  /** The measurement. */
  readonly name: string;
  /** Keys in ascending order. */
  readonly tags: Tags;
}

/** Tags as JSON with their keys in ascending order: equal tags are equal texts. */
export function spellTags(tags: Tags): string {
  return JSON.stringify(Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Equal for equal sets only. */
export function keyOf({ host, name, tags }: SeriesSet): string {
  return keyOfSpelled(host, name, spellTags(tags));
}

/** @param tags as `spellTags` writes them */
export function keyOfSpelled(host: string, name: string, tags: string): string {
  return JSON.stringify([host, name, tags]);
}

/**
 * A host that has an id is no tag of a set, so that renaming the host does not split its history. The agent's own has the empty id.
 *
 * @param host id of the host that sent it; empty for the agent's own
 * @param ownNames values of the tag `host` that mean the agent's own
 */
export function setOf(
  { name, tags }: Pick<Metric, 'name' | 'tags'>,
  host: string,
  ownNames: ReadonlySet<string>,
): SeriesSet {
  const { host: tag, ...others } = tags;
  const isNamed = host !== '' || (tag !== undefined && ownNames.has(tag));
  return { host, name, tags: isNamed ? others : tags };
}
