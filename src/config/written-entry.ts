/** One entry as it is written: a plugin's name, or that name with options. */
import type { Complaint } from './problem.ts';
import { isMapping } from './substitute.ts';

export interface WrittenEntry {
  /** A plugin's name, a path or a package. */
  readonly key: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** `listed`: an item of a list; `named`: under a key of the user's choice. */
export type EntryStyle = 'listed' | 'named';

/**
 * `cpu`, `{ cpu: }` or `{ cpu: { percpu: false } }`.
 *
 * @param entryKeys keys such as `interval`, which belong among the plugin's options; written beside its name they get a
 *   hint
 */
export function readEntry(entry: unknown, style: EntryStyle, entryKeys: readonly string[]): WrittenEntry | Complaint {
  const hint = EXAMPLES[style];
  if (typeof entry === 'string') return { key: entry, options: {} };
  if (!isMapping(entry)) {
    return { message: 'An entry must be a plugin name, or a mapping from a plugin name to its options', hint };
  }
  const [first, ...others] = Object.entries(entry);
  if (first === undefined) return { message: 'This entry names no plugin', hint };
  const [key, value] = first;
  if (others.length > 0) {
    const names = others.map(([other]) => other);
    const misplaced = names.every((name) => entryKeys.includes(name));
    return misplaced ? besideItsPlugin(key, names) : tooManyKeys(key, value, names, style);
  }
  if (value === null || value === undefined) return { key, options: {} };
  if (!isMapping(value)) return { message: `The options of "${key}" must be a mapping`, hint };
  return { key, options: value };
}

const EXAMPLES: Readonly<Record<EntryStyle, string>> = {
  listed: 'write "- name", or "- name: { option: value }"',
  named: 'write "ops: { slack: { url: … } }"',
};

const SEPARATE: Readonly<Record<EntryStyle, string>> = {
  listed: 'start each plugin with "-"',
  named: 'give each plugin a name of its own',
};

function besideItsPlugin(key: string, others: readonly string[]): Complaint {
  const names = others.map((name) => `"${name}"`).join(', ');
  return { message: `${names} belongs among the options of "${key}"`, hint: `indent it further than "${key}"` };
}

/** In YAML these are nearly always options that lack indentation. */
function tooManyKeys(key: string, value: unknown, others: readonly string[], style: EntryStyle): Complaint {
  const found = [key, ...others].map((name) => `"${name}"`).join(', ');
  const message = `An entry must name exactly one plugin, but this one has ${found}`;
  const names = others.map((name) => `"${name}"`).join(', ');
  const indent = `indent ${names} further than "${key}" if they are its options`;
  return { message, hint: value === null ? `${indent}, otherwise ${SEPARATE[style]}` : SEPARATE[style] };
}
