/** `healthd plugins [kind] [name]`: lists plugins, or documents one. A name alone documents every plugin of that name. */
import { ConfigError } from '../core/errors.ts';
import type { Plugin } from '../plugin/index.ts';
import { builtInPlugins, PLUGIN_KINDS, type PluginKind } from '../registry/registry.ts';

import { EXIT, type ExitCode, type Terminal } from './command.ts';
import { fieldRows, optionRows } from './plugin-docs.ts';
import { print } from './print.ts';

export interface PluginsInput {
  readonly kind?: string;
  readonly name?: string;
}

export async function plugins({ kind, name }: PluginsInput, terminal: Terminal): Promise<ExitCode> {
  const text = await Promise.all(kind === undefined ? PLUGIN_KINDS.map(listing) : sections(kind, name));
  print(terminal.stdout, text.filter((part) => part !== '').join('\n\n'));
  return EXIT.ok;
}

function sections(first: string, name: string | undefined): readonly Promise<string>[] {
  // `input` and `inputs`.
  const kind = PLUGIN_KINDS.find((each) => each === first || `${each}s` === first);
  if (kind !== undefined) return [name === undefined ? listing(kind) : documentation(kind, name)];
  const kinds = name === undefined ? PLUGIN_KINDS.filter((each) => builtInPlugins.names(each).includes(first)) : [];
  if (kinds.length === 0)
    throw new ConfigError(
      `"${first}" is neither a plugin nor a kind; kinds are inputs, processors, outputs and notifiers`,
    );
  return kinds.map((each) => documentation(each, first));
}

async function listing(kind: PluginKind): Promise<string> {
  const all = await Promise.all(builtInPlugins.names(kind).map((name) => builtInPlugins.find(kind, name)));
  if (all.length === 0) return '';
  return [`${kind}s`, ...columns(all.map(({ name, summary }) => [name, summary]))].join('\n');
}

async function documentation(kind: PluginKind, name: string): Promise<string> {
  const plugin: Plugin = await builtInPlugins.find(kind, name);
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
