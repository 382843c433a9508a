/** `healthd config sample | schema | show`. */
import { jsonSchema } from '../config/json-schema.ts';
import { sampleConfig } from '../config/sample-config.ts';
import { SECTIONS, type SectionKind } from '../config/file-schema.ts';
import { showConfig } from '../config/show.ts';
import { ConfigError } from '../core/errors.ts';
import { builtInPlugins } from '../registry/registry.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { readConfig } from './read-config.ts';
import { jsonText, print } from './print.ts';

export interface SampleInput {
  /** Only this plugin; a name that two kinds share prints both. */
  readonly plugin?: string;
}

export async function configSample({ plugin }: SampleInput, { stdout }: Terminal): Promise<ExitCode> {
  const kinds = plugin === undefined ? [undefined] : kindsOf(plugin);
  const samples = await Promise.all(kinds.map((kind) => sampleConfig(builtInPlugins, kind, plugin)));
  print(stdout, samples.join('\n').trimEnd());
  return EXIT.ok;
}

export async function configSchema(_input: object, { stdout }: Terminal): Promise<ExitCode> {
  print(stdout, jsonText(await jsonSchema(builtInPlugins)));
  return EXIT.ok;
}

export async function configShow(options: ConfigOptions, terminal: Terminal): Promise<ExitCode> {
  print(terminal.stdout, showConfig(await readConfig(options, terminal)).trimEnd());
  return EXIT.ok;
}

function kindsOf(name: string): readonly SectionKind[] {
  const kinds = Object.values(SECTIONS).filter((kind) => builtInPlugins.names(kind).includes(name));
  if (kinds.length === 0) throw new ConfigError(`No plugin "${name}"; list plugins with "healthd plugins"`);
  return kinds;
}
