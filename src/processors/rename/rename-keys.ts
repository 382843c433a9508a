export interface Renaming {
  readonly from: string;
  readonly to: string;
}

/**
 * Creates a function that renames keys of a record and keeps their order. A renamed key replaces one that already has the
 * new name, as in Telegraf. The record is never modified, and is returned as it is if no key is renamed.
 */
export function keyRenamer<Keyed extends Readonly<Record<string, unknown>>>(
  renamings: readonly Renaming[],
): (record: Keyed) => Keyed {
  const effective = renamings.filter(({ from, to }) => from !== to);
  // A frozen record identifies its series, so the result can be cached.
  const cache = new WeakMap<Keyed, Keyed>();

  return (record) => {
    if (!effective.some(({ from }) => Object.hasOwn(record, from))) return record;
    const cached = cache.get(record);
    if (cached !== undefined) return cached;
    const renamed = effective.reduce(renameKey, record);
    if (Object.isFrozen(record)) cache.set(record, Object.freeze(renamed));
    return renamed;
  };
}

function renameKey<Keyed extends Readonly<Record<string, unknown>>>(record: Keyed, { from, to }: Renaming): Keyed {
  if (!Object.hasOwn(record, from)) return record;
  const entries = Object.entries(record)
    .filter(([key]) => key !== to)
    .map(([key, value]) => [key === from ? to : key, value] as const);
  // fromEntries defines own properties even for a key such as `__proto__`.
  return Object.fromEntries(entries) as Keyed;
}
