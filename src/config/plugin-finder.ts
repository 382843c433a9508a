/** Finds the plugin that an entry names: built in, from the modules under `plugins`, or in a file or package. */
import { describeError, toError } from '../core/errors.ts';
import type { TrustedOwners } from '../registry/file-permissions.ts';
import { loadExternal, type ExternalPlugins } from '../registry/load-external.ts';
import { isCodePath, isPackageName } from '../registry/load-code.ts';
import { unknownPlugin, type PluginKind, type PluginOf, type Registry } from '../registry/registry.ts';

import type { Complaint } from './problem.ts';

export interface ResolvedPlugin<Kind extends PluginKind> {
  readonly plugin: PluginOf<Kind>;
  /** Hash of an external plugin's code; empty for a built-in plugin. */
  readonly version: string;
  /** Absolute path of an external plugin's module. */
  readonly file?: string;
}

/** One fault; thrown and caught within this folder. */
export class Refused extends Error {
  readonly complaint: Complaint;

  constructor(complaint: Complaint, options?: ErrorOptions) {
    super(complaint.message, options);
    this.complaint = complaint;
  }
}

/** The plugins that one configuration can use. */
export interface PluginFinder {
  names(kind: PluginKind): readonly string[];
  /** Makes the plugins of a module available by name. @throws Refused */
  use(specifier: string, from: string): Promise<void>;
  /** @throws Refused */
  find<Kind extends PluginKind>(kind: Kind, key: string, from: string): Promise<ResolvedPlugin<Kind>>;
}

export function createFinder(registry: Registry, owners: TrustedOwners): PluginFinder {
  const modules = new Map<string, Promise<ExternalPlugins>>();
  const named: ExternalPlugins[] = [];

  const load = (specifier: string, from: string) => {
    const id = JSON.stringify([specifier, from]);
    const loading = modules.get(id) ?? loadExternal(specifier, from, registry, owners);
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
        throw new Refused({ message: `Two modules define the ${taken.kind} "${taken.name}"; keep one of them` });
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
      message: `${module.file} has several ${kind}s: ${all}`,
      hint: 'list the module under "plugins" and name the one to use here',
    });
  }
  return { plugin, version: module.hash, file: module.file };
}
