/** `healthd config sample | schema | show`. */
import { jsonSchema } from '../config/json-schema.ts';
import { sampleConfig } from '../config/sample-config.ts';
import { SECTIONS, type SectionKind } from '../config/file-schema.ts';
import { showConfig } from '../config/show.ts';
import { ConfigError } from '../core/errors.ts';
import { builtInPlugins } from '../registry/registry.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { readConfig } from './read-config.ts';

export interface SampleInput {
  /** Only this plugin; a name that two kinds share prints both. */
  readonly plugin?: string;
}

export async function configSample({ plugin }: SampleInput, { stdout }: Terminal): Promise<ExitCode> {
  const kinds = plugin === undefined ? [undefined] : kindsOf(plugin);
  const samples = await Promise.all(kinds.map((kind) => sampleConfig(builtInPlugins, kind, plugin)));
  stdout.write(samples.join('\n'));
  return EXIT.ok;
}

export async function configSchema(_input: object, { stdout }: Terminal): Promise<ExitCode> {
  stdout.write(`${JSON.stringify(await jsonSchema(builtInPlugins), undefined, 2)}\n`);
  return EXIT.ok;
}

export async function configShow(options: ConfigOptions, terminal: Terminal): Promise<ExitCode> {
  terminal.stdout.write(showConfig(await readConfig(options, terminal)));
  return EXIT.ok;
}

function kindsOf(name: string): readonly SectionKind[] {
  const kinds = Object.values(SECTIONS).filter((kind) => builtInPlugins.names(kind).includes(name));
  if (kinds.length === 0) throw new ConfigError(`No plugin "${name}"; list plugins with "healthd plugins"`);
  return kinds;
}
