/** One entry of a list of plugins: how it is written, and which plugin it means. */
import { describeError, toError } from '../core/errors.ts';
import { loadExternal, type ExternalPlugins } from '../registry/load-external.ts';
import { isCodePath, isPackageName } from '../registry/load-code.ts';
import { unknownPlugin, type PluginKind, type PluginOf, type Registry } from '../registry/registry.ts';

import type { Complaint } from './problem.ts';
import { isMapping } from './substitute.ts';

export interface WrittenEntry {
  /** A plugin's name, a path or a package. */
  readonly key: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface ResolvedPlugin<Kind extends PluginKind> {
  readonly plugin: PluginOf<Kind>;
  /** Changes when the code of an external plugin does; empty for a built-in one. */
  readonly version: string;
}

/** Thrown and caught within this folder: what is wrong with the one thing that is looked at. */
export class Refused extends Error {
  readonly complaint: Complaint;

  constructor(complaint: Complaint, options?: ErrorOptions) {
    super(complaint.message, options);
    this.complaint = complaint;
  }
}

/** Entries stand in a list, or beside each other under names of their own. */
export type EntryStyle = 'listed' | 'named';

/**
 * `cpu`, `{ cpu: }` or `{ cpu: { percpu: false } }`.
 *
 * @param hostKeys options that stand among those of the plugin, for those who put them beside its name
 */
export function readEntry(entry: unknown, style: EntryStyle, hostKeys: readonly string[]): WrittenEntry | Complaint {
  const hint = EXAMPLES[style];
  if (typeof entry === 'string') return { key: entry, options: {} };
  if (!isMapping(entry)) {
    return { message: 'An entry is the name of a plugin, or a mapping of that name to its options', hint };
  }
  const [first, ...others] = Object.entries(entry);
  if (first === undefined) return { message: 'This entry names no plugin', hint };
  const [key, value] = first;
  if (others.length > 0) {
    const names = others.map(([other]) => other);
    const misplaced = names.every((name) => hostKeys.includes(name));
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
  listed: 'begin each plugin with "-"',
  named: 'give each plugin a name of its own',
};

function besideItsPlugin(key: string, others: readonly string[]): Complaint {
  const names = others.map((name) => `"${name}"`).join(', ');
  return { message: `${names} belongs among the options of "${key}"`, hint: `indent it further than "${key}"` };
}

/** In YAML this is nearly always options that stand in the column of the name. */
function tooManyKeys(key: string, value: unknown, others: readonly string[], style: EntryStyle): Complaint {
  const message = `One entry names one plugin, but this one has ${[key, ...others].map((name) => `"${name}"`).join(', ')}`;
  const names = others.map((name) => `"${name}"`).join(', ');
  const indent = `indent ${names} further than "${key}" if they are its options`;
  return { message, hint: value === null ? `${indent}, else ${SEPARATE[style]}` : SEPARATE[style] };
}

/** Finds plugins for one configuration: built in, from its `plugins` list, or named by path or package. */
export interface PluginFinder {
  names(kind: PluginKind): readonly string[];
  /** Makes the plugins of a module known by name. @throws Refused */
  use(specifier: string, from: string): Promise<void>;
  /** @throws Refused */
  find<Kind extends PluginKind>(kind: Kind, key: string, from: string): Promise<ResolvedPlugin<Kind>>;
}

export function createFinder(registry: Registry): PluginFinder {
  const modules = new Map<string, Promise<ExternalPlugins>>();
  const named: ExternalPlugins[] = [];

  const load = (specifier: string, from: string) => {
    const id = JSON.stringify([specifier, from]);
    const loading = modules.get(id) ?? loadExternal(specifier, from, registry);
    modules.set(id, loading);
    return loading.catch((error: unknown) => {
      throw new Refused({ message: toError(error).message }, { cause: error });
    });
  };
  const names = (kind: PluginKind) => [
    ...registry.names(kind),
    ...named.flatMap(({ plugins }) => plugins.filter((plugin) => plugin.kind === kind).map(({ name }) => name)),
  ];

  return {
    names,
    async use(specifier, from) {
      const module = await load(specifier, from);
      if (named.includes(module)) throw new Refused({ message: `"${specifier}" is listed twice` });
      const taken = module.plugins.find(({ kind, name }) => names(kind).includes(name));
      if (taken !== undefined) {
        throw new Refused({ message: `Two modules have an ${taken.kind} named "${taken.name}"; keep one of them` });
      }
      named.push(module);
    },
    async find(kind, key, from) {
      const module = named.find(({ plugins }) => plugins.some((it) => it.kind === kind && it.name === key));
      if (module !== undefined) return choose(kind, module, key);
      if (registry.names(kind).includes(key)) return findBuiltIn(registry, kind, key);
      if (isCodePath(key) || isPackageName(key)) return choose(kind, await load(key, from));
      throw new Refused(unknownPlugin(kind, key, names));
    },
  };
}

async function findBuiltIn<Kind extends PluginKind>(
  registry: Registry,
  kind: Kind,
  key: string,
): Promise<ResolvedPlugin<Kind>> {
  try {
    return { plugin: await registry.find(kind, key), version: '' };
  } catch (error) {
    throw new Refused({ message: describeError(error) }, { cause: error });
  }
}

function choose<Kind extends PluginKind>(kind: Kind, module: ExternalPlugins, name?: string): ResolvedPlugin<Kind> {
  const fitting = module.plugins.filter(
    (plugin): plugin is PluginOf<Kind> => plugin.kind === kind && (name === undefined || plugin.name === name),
  );
  const [plugin, second] = fitting;
  if (plugin === undefined) {
    const others = module.plugins.map((other) => `the ${other.kind} "${other.name}"`).join(', ');
    const section = module.plugins[0]?.kind ?? kind;
    throw new Refused({
      message: `${module.file} has no ${kind}, only ${others}`,
      hint: `move this entry to "${section}s"`,
    });
  }
  if (second !== undefined) {
    const all = fitting.map((one) => `"${one.name}"`).join(', ');
    throw new Refused({
      message: `${module.file} has several plugins of the kind ${kind}: ${all}`,
      hint: 'list the module under "plugins" and use them by name here',
    });
  }
  return { plugin, version: module.hash };
}
