/** What a new configuration changes for what is running. */
import type { PluginEntry } from './entry.ts';
import type { Plugin } from '../plugin/index.ts';

type Entry = PluginEntry<Plugin>;

interface Runner {
  readonly entry: Entry;
}

/** The entries that nothing runs just so. */
export function changedEntries<E extends Entry>(entries: readonly E[], running: readonly Runner[]): readonly E[] {
  return entries.filter((entry) => !running.some((runner) => isSame(runner.entry, entry)));
}

export function areSame(a: readonly Entry[], b: readonly Entry[]): boolean {
  return a.length === b.length && a.every((entry, index) => isSame(entry, b[index]));
}

/** Alias and inherited settings are part of the fingerprint. */
function isSame(a: Entry, b: Entry | undefined): boolean {
  return a.fingerprint === b?.fingerprint;
}

export function hasAlias(entries: readonly Entry[], { alias }: Entry): boolean {
  return entries.some((entry) => entry.alias === alias);
}

/** Runners whose entry is still wanted just so, and the others. */
export function splitRunners<R extends Runner>(
  runners: readonly R[],
  entries: readonly Entry[],
): readonly [kept: readonly R[], old: readonly R[]] {
  const isWanted = (runner: R) => entries.some((entry) => isSame(entry, runner.entry));
  return [runners.filter(isWanted), runners.filter((runner) => !isWanted(runner))];
}
