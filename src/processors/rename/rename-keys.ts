export interface Renaming {
  readonly from: string;
  readonly to: string;
}

/**
 * Makes a function that renames keys of a record and keeps their order. A key that already has the new name gives way
 * to the renamed one, as in Telegraf. The record itself is never changed, and returned when no key is renamed.
 */
export function keyRenamer<Keyed extends Readonly<Record<string, unknown>>>(
  renamings: readonly Renaming[],
): (record: Keyed) => Keyed {
  const effective = renamings.filter(({ from, to }) => from !== to);
  // A frozen record stands for its series, so the answer is the same each time.
  const known = new WeakMap<Keyed, Keyed>();

  return (record) => {
    if (!effective.some(({ from }) => Object.hasOwn(record, from))) return record;
    const remembered = known.get(record);
    if (remembered !== undefined) return remembered;
    const renamed = effective.reduce(renameKey, record);
    if (Object.isFrozen(record)) known.set(record, Object.freeze(renamed));
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
