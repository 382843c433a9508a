/** Finds plugins by kind and name. A plugin is imported when it is first used. */
import { ConfigError } from '../core/errors.ts';
import { notifiers } from '../notifiers/index.ts';
import { outputs } from '../outputs/index.ts';
import type { InputPlugin, NotifierPlugin, OutputPlugin, ProcessorPlugin } from '../plugin/index.ts';
import { inputs } from '../plugins/index.ts';
import { processors } from '../processors/index.ts';

import { nearest } from './nearest.ts';

interface Plugins {
  readonly input: InputPlugin;
  readonly processor: ProcessorPlugin;
  readonly output: OutputPlugin;
  readonly notifier: NotifierPlugin;
}

export type PluginKind = keyof Plugins;
export type PluginOf<Kind extends PluginKind> = Plugins[Kind];

/** By kind: name → import. */
export type PluginLists = {
  readonly [Kind in PluginKind]?: Readonly<Record<string, () => Promise<PluginOf<Kind>>>>;
};

export const PLUGIN_KINDS = ['input', 'processor', 'output', 'notifier'] as const satisfies readonly PluginKind[];

export interface Registry {
  /** In alphabetical order. */
  names(kind: PluginKind): readonly string[];
  /** @throws ConfigError if there is no such plugin; suggests a similar name */
  find<Kind extends PluginKind>(kind: Kind, name: string): Promise<PluginOf<Kind>>;
}

export function createRegistry(lists: PluginLists): Registry {
  const names = (kind: PluginKind) => Object.keys(lists[kind] ?? {}).sort();
  return {
    names,
    async find<Kind extends PluginKind>(kind: Kind, name: string): Promise<PluginOf<Kind>> {
      const list: PluginLists[Kind] = lists[kind];
      const load = list !== undefined && Object.hasOwn(list, name) ? list[name] : undefined;
      if (load === undefined) {
        const { message, hint } = unknownPlugin(kind, name, names);
        throw new ConfigError(`${message}; ${hint}`);
      }
      try {
        return await load();
      } catch (error) {
        throw new Error(`The built-in ${kind} "${name}" cannot be loaded; the installation is incomplete`, {
          cause: error,
        });
      }
    },
  };
}

/** The plugins that healthd ships with. */
export const builtInPlugins: Registry = createRegistry({
  input: inputs,
  processor: processors,
  output: outputs,
  notifier: notifiers,
});

/** Message and hint for an unknown name: a similar name, the section where it belongs, or all names. */
export function unknownPlugin(
  kind: PluginKind,
  name: string,
  names: (kind: PluginKind) => readonly string[],
): { readonly message: string; readonly hint: string } {
  const message = `There is no ${kind} named "${name}"`;
  const near = nearest(name, names(kind));
  if (near !== undefined) return { message, hint: `did you mean "${near}"?` };
  const other = PLUGIN_KINDS.find((candidate) => candidate !== kind && names(candidate).includes(name));
  if (other !== undefined) return { message, hint: `"${name}" is an ${other}: it belongs under "${other}s"` };
  const known = names(kind).join(', ');
  return { message, hint: known === '' ? `this build has no ${kind}` : `there are ${known}` };
}
