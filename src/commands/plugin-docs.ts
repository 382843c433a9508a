/** The options and metrics of a plugin, as rows and as Markdown tables. */
import { optionSchema, variants, type OptionSchema } from '../config/option-schema.ts';
import type { FieldSpec, MetricSpec, Plugin } from '../plugin/index.ts';

/** For the script that writes the tables. */
export { builtInPlugins, PLUGIN_KINDS } from '../registry/registry.ts';

export interface OptionRow {
  /** Dotted for a nested option. */
  readonly name: string;
  readonly type: string;
  /** The default as JSON; undefined if there is none. */
  readonly fallback: string | undefined;
  readonly isRequired: boolean;
  readonly description: string;
}

export interface FieldRow {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
}

export function optionRows({ config }: Plugin): readonly OptionRow[] {
  return objectRows(optionSchema(config), '');
}

export function fieldRows({ fields, dynamic, kind }: MetricSpec): readonly FieldRow[] {
  const row = (name: string, spec: FieldSpec): FieldRow => ({
    name,
    type: (spec.kind ?? kind) === 'counter' ? `${spec.type}, counter` : spec.type,
    unit: spec.unit ?? '',
    help: spec.help,
  });
  const rows = Object.entries(fields).map(([name, spec]) => row(name, spec));
  return dynamic === undefined ? rows : [...rows, row('…', dynamic)];
}

/** The options in a plugin's README. */
export function optionTable(plugin: Plugin): string {
  const rows = optionRows(plugin);
  if (rows.length === 0) return 'None.';
  return markdownTable(
    ['Option', 'Type', 'Default', 'Meaning'],
    rows.map(({ name, type, fallback, isRequired, description }) => [
      `\`${name}\``,
      type,
      isRequired ? '**required**' : fallback === undefined ? '' : `\`${fallback}\``,
      description,
    ]),
  );
}

export function metricTables(plugin: Plugin): string {
  if (plugin.kind !== 'input') return '';
  const sections = Object.entries(plugin.metrics).map(([name, spec]) => metricSection(name, spec));
  return sections.length === 0 ? 'Defined by its source.' : sections.join('\n\n');
}

/** The plugins of one kind in the project's README. */
export function pluginTable(plugins: readonly Plugin[], folder: string): string {
  const rows = plugins.map(({ name, summary }) => [`[\`${name}\`](src/${folder}/${name}/README.md)`, summary]);
  return markdownTable(['Plugin', 'What it does'], rows);
}

function metricSection(name: string, spec: MetricSpec): string {
  const tags = Object.entries(spec.tags ?? {}).map(([key, help]) => `- tag \`${key}\`: ${help}`);
  const table = markdownTable(
    ['Field', 'Type', 'Unit', 'Meaning'],
    fieldRows(spec).map((row) => [`\`${row.name}\``, row.type, row.unit, row.help]),
  );
  return [
    `### \`${name}\``,
    ...(spec.help === undefined ? [] : [`${spec.help}.`]),
    ...(tags.length === 0 ? [] : [tags.join('\n')]),
    table,
  ].join('\n\n');
}

function objectRows(schema: OptionSchema, prefix: string): readonly OptionRow[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([key, option]) => {
    const name = `${prefix}${key}`;
    const own: OptionRow = {
      name,
      type: typeText(option),
      fallback: option.default === undefined ? undefined : JSON.stringify(option.default),
      isRequired: required.has(key) && option.default === undefined,
      description: option.description ?? '',
    };
    return option.properties === undefined ? [own] : [own, ...objectRows(option, `${name}.`)];
  });
}

const FORMATS: Readonly<Record<string, string>> = { duration: 'duration', bytes: 'size' };

function typeText(schema: OptionSchema): string {
  const format = FORMATS[schema.format ?? ''];
  if (format !== undefined) return format;
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeText))].join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  return variants(schema).some(({ secret }) => secret === true) ? `${plainType(schema)}, secret` : plainType(schema);
}

function plainType({ type = 'any', items = {}, properties }: OptionSchema): string {
  if (type === 'array') return `list of ${plural(typeText(items))}`;
  if (type === 'object') return properties === undefined ? 'mapping' : 'section';
  return typeof type === 'string' ? type : type.join(' or ');
}

function plural(type: string): string {
  return /^[a-z]+$/.test(type) && type !== 'any' ? `${type}s` : type;
}

/** Pads cells, so that the source is readable too. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')));
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = all;
  return [line(first), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line)].join('\n');
}
