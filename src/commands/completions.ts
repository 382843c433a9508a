/** The names that shells suggest, from the configuration. Never fails: a suggestion is no place for an error. */
import { loadConfig, type LoadedConfig } from '../config/load.ts';
import { knownPlugins } from '../config/local-plugins.ts';
import { builtInPlugins, PLUGIN_KINDS } from '../registry/registry.ts';

import type { Names, Terminal } from './command.ts';

/** @param words of the command line so far, which may name a configuration */
export async function completions(
  words: readonly string[],
  { cwd, environment }: Terminal,
): Promise<Readonly<Record<Names, readonly string[]>>> {
  const settings = { path: configIn(words), cwd, environment, registry: builtInPlugins };
  const [{ registry }, config] = await Promise.all([
    knownPlugins(settings),
    loadConfig(settings).catch((): Partial<LoadedConfig> => ({})),
  ]);
  return {
    plugins: [...new Set(PLUGIN_KINDS.flatMap((kind) => registry.names(kind)))],
    rules: config.alerts?.rules.map(({ id }) => id) ?? [],
    notifiers: config.notifiers?.map(({ alias }) => alias) ?? [],
    outputs: config.outputs?.map(({ alias }) => alias) ?? [],
  };
}

function configIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === '-c' || word === '--config');
  return at === -1 ? undefined : words[at + 1];
}
