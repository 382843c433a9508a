import type { Config } from '../config/config.ts';

import { entriesOf } from './sections.ts';

type Entries = ReturnType<typeof entriesOf>;

/** What a reload reports. */
export type Changes = Readonly<Record<'changed' | 'started' | 'stopped', readonly string[]>>;

/** Sections that differ, and aliases of entries that are new or gone; without empty lists. Undefined if nothing differs. */
export function changesBetween(before: Config, after: Config): Partial<Changes> | undefined {
  const changes: Changes = {
    changed: changedSections(before, after),
    started: missingFrom(entriesOf(before), entriesOf(after)),
    stopped: missingFrom(entriesOf(after), entriesOf(before)),
  };
  const some = Object.entries(changes).filter(([, names]) => names.length > 0);
  return some.length === 0 ? undefined : Object.fromEntries(some);
}

const LISTS = ['inputs', 'processors', 'outputs', 'notifiers'] as const;

function changedSections(before: Config, after: Config): readonly string[] {
  const settings = Object.keys(after.fingerprints).filter(
    (name) => before.fingerprints[name] !== after.fingerprints[name],
  );
  // The order counts: processors run in it.
  const inOrder = (entries: Entries) => entries.map(({ fingerprint }) => fingerprint).join(' ');
  return [...settings, ...LISTS.filter((name) => inOrder(before[name]) !== inOrder(after[name]))];
}

function missingFrom(some: Entries, entries: Entries): readonly string[] {
  const known = new Set(some.map(({ fingerprint }) => fingerprint));
  return entries.filter(({ fingerprint }) => !known.has(fingerprint)).map(({ alias }) => alias);
}
