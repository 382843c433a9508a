/** External plugins: files and npm packages. */
import { ConfigError } from '../core/errors.ts';
import type { Plugin } from '../plugin/index.ts';

import { catalogFault } from './check-catalog.ts';
import type { TrustedOwners } from './file-permissions.ts';
import { importCode } from './load-code.ts';
import { PLUGIN_KINDS, type PluginKind, type Registry } from './registry.ts';

export interface ExternalPlugins {
  /** Absolute path of the module. */
  readonly file: string;
  /** SHA-256 of its content and of the files that it imports by path. */
  readonly hash: string;
  /** At least one. */
  readonly plugins: readonly Plugin[];
}

/** The version of the plugin API. */
const API = 1;

/**
 * Imports a module and collects the plugins it exports: as default export, in an array, or as named exports.
 *
 * @param specifier a path relative to the folder of `from`, or a package name
 * @param from absolute path of the file that names it
 * @param owners whose files may be loaded
 * @throws ConfigError if it is missing, fails, or exports no plugin or an invalid one
 */
export async function loadExternal(
  specifier: string,
  from: string,
  builtIn: Registry,
  owners: TrustedOwners,
): Promise<ExternalPlugins> {
  const { file, hash, exports } = await importCode(specifier, from, owners);
  const plugins = [...new Map(candidates(exports).map((plugin) => [`${plugin.kind} ${plugin.name}`, plugin])).values()];
  if (plugins.length === 0) {
    throw new ConfigError(
      `${file} exports no plugin; export what defineInput, defineProcessor, defineOutput or defineNotifier returns`,
    );
  }
  for (const plugin of plugins) checkPlugin(plugin, file, builtIn);
  return { file, hash, plugins };
}

function candidates(exports: unknown): Plugin[] {
  if (!isObject(exports)) return [];
  const values: unknown[] = [exports, ...Object.values(exports as Readonly<Record<string, unknown>>)];
  return values.flat().filter(looksLikePlugin);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function looksLikePlugin(value: unknown): value is Plugin {
  return isObject(value) && 'kind' in value && 'api' in value && 'name' in value && 'create' in value;
}

/** The value comes from outside, so its type is only a claim. */
function checkPlugin(plugin: Plugin, file: string, builtIn: Registry): void {
  const { kind, api, name, create, config } = plugin as unknown as Readonly<Record<string, unknown>>;
  const refuse = (reason: string) => {
    throw new ConfigError(`The plugin ${JSON.stringify(name)} of ${file} ${reason}`);
  };
  if (api !== API) refuse(`was made for plugin API ${String(api)}; this healthd has API ${API}`);
  if (!PLUGIN_KINDS.includes(kind as PluginKind)) {
    refuse(`is of the unknown kind ${JSON.stringify(kind)}; there are ${PLUGIN_KINDS.join(', ')}`);
  }
  if (typeof name !== 'string' || !/^[a-z][a-z0-9_]*$/.test(name)) {
    refuse('has an invalid name; use lower case letters, digits and underscores, and begin with a letter');
  }
  if (typeof create !== 'function') refuse('has no function "create"');
  if (!isObject(config) || !('_zod' in config) || !('safeParse' in config)) {
    refuse('has no zod 4 schema in "config"; make it with the z of healthd/plugin');
  }
  if (builtIn.names(plugin.kind).includes(plugin.name)) {
    refuse(`has the name of a built-in ${plugin.kind}; give it another name`);
  }
  const fault = plugin.kind === 'input' ? catalogFault(plugin.metrics) : undefined;
  if (fault !== undefined) refuse(fault);
}
