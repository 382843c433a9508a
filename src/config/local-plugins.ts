/** The plugins that a configuration adds to the built-in ones, for commands that document plugins. */
import { toError } from '../core/errors.ts';
import { trustedOwners } from '../registry/file-permissions.ts';
import { isCodePath, isPackageName } from '../registry/load-code.ts';
import { loadExternal } from '../registry/load-external.ts';
import { createRegistry, PLUGIN_KINDS, type PluginKind, type PluginOf, type Registry } from '../registry/registry.ts';

import { SECTIONS } from './file-schema.ts';
import { withEnvironmentFile } from './environment-file.ts';
import { findConfig } from './find.ts';
import { systemOf, type LoadSettings } from './load.ts';
import { withFragments } from './merge.ts';
import type { Path, Source } from './source.ts';
import { isMapping, substitute } from './substitute.ts';

export interface KnownPlugins {
  /** Built-in plugins by their names, others as an entry writes them: by path or package, or by name if listed under `plugins`. */
  readonly registry: Registry;
  /** Why the plugins of the configuration, or one of them, are missing. */
  readonly problems: readonly string[];
}

/**
 * Reads the configuration as far as it names plugins. Neither it nor a plugin needs to be valid: what cannot be used is a
 * problem, and the rest is known.
 */
export async function knownPlugins(settings: LoadSettings): Promise<KnownPlugins> {
  const { registry } = settings;
  const problems: string[] = [];
  const found: Found[] = [];
  try {
    for (const mention of await mentionsIn(settings)) {
      const owners = trustedOwners(systemOf(settings).uid, settings.environment);
      try {
        const { plugins } = await loadExternal(mention.specifier, mention.from, registry, owners);
        for (const plugin of plugins) found.push({ plugin, key: mention.isNamed ? plugin.name : mention.specifier });
      } catch (error) {
        problems.push(toError(error).message);
      }
    }
  } catch (error) {
    problems.push(toError(error).message);
  }
  return { registry: extended(registry, found), problems };
}

interface Found {
  readonly plugin: PluginOf<PluginKind>;
  readonly key: string;
}

function extended(registry: Registry, found: readonly Found[]): Registry {
  const listOf = <Kind extends PluginKind>(kind: Kind) => {
    const builtIn = registry.names(kind).map((name) => [name, () => registry.find(kind, name)] as const);
    const others = found.flatMap(({ plugin, key }) =>
      plugin.kind === kind ? [[key, () => Promise.resolve(plugin as PluginOf<Kind>)] as const] : [],
    );
    return Object.fromEntries([...others, ...builtIn]);
  };
  return createRegistry(Object.fromEntries(PLUGIN_KINDS.map((kind) => [kind, listOf(kind)])));
}

interface Mention {
  readonly specifier: string;
  /** The file that names it. */
  readonly from: string;
  /** Under `plugins`: entries use the names of its plugins. */
  readonly isNamed: boolean;
}

async function mentionsIn(settings: LoadSettings): Promise<readonly Mention[]> {
  const system = systemOf(settings);
  const owners = trustedOwners(system.uid, system.environment);
  const main = await findConfig({ ...settings, ...system, owners });
  if (main === undefined) return [];
  const source = await withFragments(main, owners);
  const environment = await withEnvironmentFile(main.file, system.environment, owners);
  const { value } = source;
  if (!isMapping(value)) return [];
  const written = { ...source, value: { plugins: value['plugins'] } };
  const substituted = substitute(written, environment, (path) => source.locate(path).file).value;
  const named = listed((substituted as { readonly plugins: unknown }).plugins).map((item, index) =>
    mention(item, ['plugins', index], source, true),
  );
  const used = Object.keys(SECTIONS).flatMap((section) =>
    entriesOf(value[section]).map(([key, entry]) => mention(keyOf(entry), [section, key], source, false)),
  );
  const all = [...named, ...used].filter((each) => each !== undefined);
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

function mention(specifier: unknown, path: Path, source: Source, isNamed: boolean): Mention | undefined {
  if (typeof specifier !== 'string' || !(isCodePath(specifier) || isPackageName(specifier))) return undefined;
  return { specifier, from: source.locate(path).file, isNamed };
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Of a list, or of `notifiers`, whose keys are names. */
function entriesOf(section: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(section)) return section.map((entry, index) => [index, entry] as const);
  return isMapping(section) ? Object.entries(section) : [];
}

function keyOf(entry: unknown): unknown {
  return isMapping(entry) ? Object.keys(entry)[0] : entry;
}
