/** `healthd config sample | schema | show`. */
import { jsonSchema } from '../config/json-schema.ts';
import { sampleConfig, STARTER } from '../config/sample-config.ts';
import { showConfig } from '../config/show.ts';
import { ConfigError } from '../core/errors.ts';
import type { Registry } from '../registry/registry.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { findKeys, readPlugins } from './known-plugins.ts';
import { readConfig } from './read-config.ts';
import { jsonText, print } from './print.ts';

export interface SampleInput extends ConfigOptions {
  /** Only this plugin; a name that two kinds share prints both. */
  readonly plugin?: string;
  /** Every option of every plugin. */
  readonly full?: boolean;
}

export async function configSample({ plugin, full, ...options }: SampleInput, terminal: Terminal): Promise<ExitCode> {
  if (plugin === undefined && full !== true) {
    // Windows has nothing for these inputs to say.
    const text = process.platform === 'win32' ? STARTER.replaceAll(/^  - (?:processes|kernel)\n/gm, '') : STARTER;
    print(terminal.stdout, text.trimEnd());
    return EXIT.ok;
  }
  const registry = await readPlugins(options, terminal);
  const text = plugin === undefined ? await sampleConfig(registry) : await samplesOf(registry, plugin);
  print(terminal.stdout, text.trimEnd());
  return EXIT.ok;
}

export async function configSchema(options: ConfigOptions, terminal: Terminal): Promise<ExitCode> {
  print(terminal.stdout, jsonText(await jsonSchema(await readPlugins(options, terminal))));
  return EXIT.ok;
}

export async function configShow(options: ConfigOptions, terminal: Terminal): Promise<ExitCode> {
  print(terminal.stdout, showConfig(await readConfig(options, terminal)).trimEnd());
  return EXIT.ok;
}

/** @throws ConfigError if there is no plugin of that name */
async function samplesOf(registry: Registry, name: string): Promise<string> {
  const found = await findKeys(registry, name);
  if (found.length === 0) throw new ConfigError(`No plugin "${name}"; list plugins with "healthd plugins"`);
  return (await Promise.all(found.map(({ kind, key }) => sampleConfig(registry, kind, key)))).join('\n');
}
