/** `healthd plugins [kind] [name]`: the list, or everything about one. */
import { ConfigError } from '../core/errors.ts';
import type { Plugin } from '../plugin.ts';
import { builtInPlugins, PLUGIN_KINDS, type PluginKind } from '../registry/registry.ts';

import { EXIT, type ExitCode, type Terminal } from './command.ts';
import { fieldRows, optionRows } from './plugin-docs.ts';

export async function plugins(
  kind: string | undefined,
  name: string | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  const kinds = kind === undefined ? PLUGIN_KINDS : [kindOf(kind)];
  const text =
    name === undefined
      ? await Promise.all(kinds.map(listing))
      : await Promise.all(kinds.map(async (each) => documentation(await builtInPlugins.find(each, name))));
  terminal.stdout.write(`${text.filter((part) => part !== '').join('\n\n')}\n`);
  return EXIT.ok;
}

/** Singular and plural are both understood. */
function kindOf(text: string): PluginKind {
  const kind = PLUGIN_KINDS.find((each) => each === text || `${each}s` === text);
  if (kind === undefined)
    throw new ConfigError(`"${text}" is not a kind of plugin; there are inputs, processors, outputs and notifiers`);
  return kind;
}

async function listing(kind: PluginKind): Promise<string> {
  const all = await Promise.all(builtInPlugins.names(kind).map((name) => builtInPlugins.find(kind, name)));
  if (all.length === 0) return '';
  return [`${kind}s`, ...columns(all.map(({ name, summary }) => [name, summary]))].join('\n');
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
