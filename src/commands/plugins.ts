/** `healthd plugins [kind] [name]`: lists plugins, or documents one. A name alone documents every plugin of that name. */
import { ConfigError } from '../core/errors.ts';
import type { Plugin } from '../plugin/index.ts';
import { PLUGIN_KINDS, type PluginKind, type Registry } from '../registry/registry.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { findKeys, readPlugins } from './known-plugins.ts';
import { fieldRows, optionRows } from './plugin-docs.ts';
import { print } from './print.ts';

export interface PluginsInput extends ConfigOptions {
  readonly kind?: string;
  readonly name?: string;
}

export async function plugins({ kind, name, ...options }: PluginsInput, terminal: Terminal): Promise<ExitCode> {
  const registry = await readPlugins(options, terminal);
  const text = await (kind === undefined
    ? Promise.all(PLUGIN_KINDS.map((each) => listing(registry, each)))
    : sections(registry, kind, name));
  print(terminal.stdout, text.filter((part) => part !== '').join('\n\n'));
  return EXIT.ok;
}

async function sections(registry: Registry, first: string, name: string | undefined): Promise<readonly string[]> {
  // `input` and `inputs`.
  const kind = PLUGIN_KINDS.find((each) => each === first || `${each}s` === first);
  if (kind !== undefined && name === undefined) return [await listing(registry, kind)];
  if (kind !== undefined && name !== undefined) {
    const [found] = await findKeys(registry, name, [kind]);
    return [documentation(await registry.find(kind, found?.key ?? name))];
  }
  const found = name === undefined ? await findKeys(registry, first) : [];
  if (found.length === 0)
    throw new ConfigError(
      `"${first}" is neither a plugin nor a kind; kinds are inputs, processors, outputs and notifiers`,
    );
  return Promise.all(found.map(async (each) => documentation(await registry.find(each.kind, each.key))));
}

async function listing(registry: Registry, kind: PluginKind): Promise<string> {
  const rows = registry.names(kind).map(async (key) => [key, (await registry.find(kind, key)).summary]);
  if (rows.length === 0) return '';
  return [`${kind}s`, ...columns(await Promise.all(rows))].join('\n');
}

function documentation(plugin: Plugin): string {
  const options = optionRows(plugin).map(({ name, type, fallback, isRequired, description }) => [
    name,
    type.replaceAll('`', ''),
    isRequired ? 'required' : (fallback ?? ''),
    description,
  ]);
  const metrics = plugin.kind === 'input' ? Object.entries(plugin.metrics) : [];
  return [
    `${plugin.name} (${plugin.kind}): ${plugin.summary}`,
    ['Options', ...(options.length === 0 ? ['  none'] : columns(options))].join('\n'),
    ...metrics.map(([name, spec]) =>
      [
        `Measurement ${name}${spec.help === undefined ? '' : `: ${spec.help}`}`,
        ...columns(Object.entries(spec.tags ?? {}).map(([key, help]) => [key, 'tag', '', help])),
        ...columns(fieldRows(spec).map((row) => [row.name, row.type, row.unit, row.help])),
      ].join('\n'),
    ),
  ].join('\n\n');
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
