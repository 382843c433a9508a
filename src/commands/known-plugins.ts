/** The plugins that commands document: the built-in ones, and those of the configuration. */
import { knownPlugins } from '../config/local-plugins.ts';
import { builtInPlugins, PLUGIN_KINDS, type PluginKind, type Registry } from '../registry/registry.ts';

import type { ConfigOptions, Terminal } from './command.ts';
import { print } from './print.ts';

/** Without a configuration, or with one that cannot be read, the built-in plugins. */
export async function readPlugins({ config }: ConfigOptions, terminal: Terminal): Promise<Registry> {
  const { cwd, environment, stderr } = terminal;
  const { registry, problems } = await knownPlugins({ path: config, cwd, environment, registry: builtInPlugins });
  for (const problem of problems) print(stderr, `Not all plugins of the configuration are known: ${problem}`);
  return registry;
}

/** Plugins of a name, or that entries write so: `queue_depth` and `./plugins/queue_depth.ts` may be the same. */
export async function findKeys(
  registry: Registry,
  word: string,
  kinds: readonly PluginKind[] = PLUGIN_KINDS,
): Promise<readonly { readonly kind: PluginKind; readonly key: string }[]> {
  const found: { readonly kind: PluginKind; readonly key: string }[] = [];
  for (const kind of kinds) {
    for (const key of registry.names(kind)) {
      // The names of built-in plugins are their keys, so that only others need to be loaded.
      const isLocal = !builtInPlugins.names(kind).includes(key);
      if (key === word || (isLocal && (await registry.find(kind, key)).name === word)) found.push({ kind, key });
    }
  }
  return found;
}
