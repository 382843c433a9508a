import type { Path } from './source.ts';

export interface Unnamed {
  readonly plugin: { readonly name: string };
  readonly path: Path;
  /** From the configuration. */
  readonly alias: string | undefined;
}

export interface AliasClash {
  readonly entry: Unnamed;
  /** The entry that already has the name. */
  readonly first: Unnamed;
}

export interface Aliases {
  /** In the order of the entries. */
  readonly names: readonly string[];
  readonly clashes: readonly AliasClash[];
}

/**
 * Gives each entry a name that is unique within its kind. Entries without an alias are named after their plugin.
 *
 * @param numbering numbers repeated names: `cpu`, `cpu-2`, …. Without it a repeated name is a clash: where state on disk
 *   belongs to the name, reordering entries must not swap that state between them.
 */
export function assignAliases(entries: readonly Unnamed[], numbering: boolean): Aliases {
  const owners = new Map<string, Unnamed>();
  const clashes: AliasClash[] = [];
  const claim = (entry: Unnamed, name: string) => {
    const first = owners.get(name);
    if (first === undefined) owners.set(name, entry);
    else clashes.push({ entry, first });
    return name;
  };
  const explicit = entries.map((entry) => (entry.alias === undefined ? undefined : claim(entry, entry.alias)));
  const names = entries.map((entry, index) => {
    const given = explicit[index];
    if (given !== undefined) return given;
    const { name } = entry.plugin;
    return claim(entry, numbering ? firstFree(name, owners) : name);
  });
  return { names, clashes };
}

function firstFree(name: string, taken: ReadonlyMap<string, unknown>): string {
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name}-${number}`)) number += 1;
  return `${name}-${number}`;
}
