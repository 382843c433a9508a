/** A configuration with every option at its default and its description, and a short one to start from. */
import { stringify } from 'yaml';

import type { PluginOf, Registry } from '../registry/registry.ts';

import { optionSchema, variants, type OptionSchema } from './option-schema.ts';
import {
  fileSchema,
  entrySchemas,
  SECTIONS,
  SETTINGS,
  type Section,
  type SectionKind,
  type SettingsSection,
} from './file-schema.ts';

/**
 * YAML text. `##` marks a description and `#` an option at its default: remove `# ` to change it. Optional options without
 * a default are described only; required ones are active, with an example value.
 *
 * @param kind only plugins of this kind
 * @param name only this plugin, not commented out
 * @throws ConfigError for an unknown plugin
 */
export async function sampleConfig(registry: Registry, kind?: SectionKind, name?: string): Promise<string> {
  const blocks: string[] = [];
  if (kind === undefined) blocks.push(...(Object.keys(SETTINGS) as SettingsSection[]).map(settingsBlock));
  for (const [section, sectionKind] of Object.entries(SECTIONS) as [Section, SectionKind][]) {
    if (kind !== undefined && kind !== sectionKind) continue;
    const names = name === undefined ? registry.names(sectionKind) : [name];
    blocks.push(await sectionBlock(registry, section, names, name !== undefined));
  }
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** A configuration to start from: YAML that is valid as it is, and with any of its `# ` removed. */
export const STARTER = `# The configuration of healthd. "healthd check" validates it, "healthd check --connect" also tries the outputs.
# "healthd plugins" lists what there is; "healthd config sample NAME" prints the options of a plugin,
# "healthd config sample --full" those of all.

agent:
  interval: 10s # how often inputs are gathered; an input may have its own
  # tags: { dc: fra1 } # added to every metric

inputs:
  - cpu
  - mem
  - swap
  - disk
  - diskio
  - net
  - system
  - processes
  - kernel
  # - docker: { interval: 30s }

outputs:
  - console
  # A database: InfluxDB 1, 2 or 3, or VictoriaMetrics. The token comes from the environment.
  # - influxdb: { url: 'http://localhost:8086', org: ops, bucket: telegraf, token: '\${env:INFLUX_TOKEN}' }

# Who hears about alerts. "healthd notify test team" sends an example.
# notifiers:
#   team: { slack: { url: '\${env:SLACK_WEBHOOK}' } }
#   mail: { email: { smtp: 'smtp://mail.example.org:587', from: healthd@example.org, to: [ops@example.org] } }

alerts:
  thresholds: { cpu: 90%, mem: 90%, disk: 85% }
`;

function settingsBlock(section: SettingsSection): string {
  const { description } = optionSchema(fileSchema.shape[section]);
  const lines = optionLines(optionSchema(SETTINGS[section]), '  ').map(commentOut);
  return [`## ${description ?? section}`, `# ${section}:`, ...lines].join('\n');
}

async function sectionBlock(
  registry: Registry,
  section: Section,
  names: readonly string[],
  active: boolean,
): Promise<string> {
  if (names.length === 0) return '';
  const kind = SECTIONS[section];
  const on = active ? names : names.filter((name) => kind !== 'notifier' && SWITCHED_ON.includes(name));
  const lines = [`## ${optionSchema(fileSchema.shape[section]).description ?? section}`];
  if (!active) {
    lines.push('## Every entry also takes these keys:');
    const keys = Object.entries(optionSchema(entrySchemas[kind]).properties ?? {});
    lines.push(...keys.map(([key, { description }]) => `##   ${key}: ${description ?? ''}`));
  }
  lines.push(on.length > 0 ? `${section}:` : `# ${section}:`);
  for (const name of names) {
    const entry = entryLines(await registry.find(kind, name), name);
    lines.push(...(on.includes(name) ? entry : entry.map(commentOut)));
  }
  return lines.join('\n');
}

/** Useful on nearly every host; all others are commented out. */
const SWITCHED_ON = ['cpu', 'mem', 'swap', 'disk', 'diskio', 'net', 'system', 'processes', 'kernel', 'console'];

/** @param key the plugin's name, path or package */
function entryLines({ kind, name, summary, config }: PluginOf<SectionKind>, key: string): string[] {
  const options = optionLines(optionSchema(config), '      ');
  // A notifier is under a name of the user's choice.
  const head = kind === 'notifier' ? [`  my_${name}:`, `    ${oneLine(key)}:`] : [`  - ${oneLine(key)}:`];
  return [`  ## ${summary}`, ...head, ...options];
}

/** The description of each option and, where there is a value to show, the option. */
function optionLines(schema: OptionSchema, indent: string): string[] {
  const shape = variants(schema).find(({ properties }) => properties !== undefined);
  return Object.entries(shape?.properties ?? {}).flatMap(([key, option]) => {
    const description = option.description ?? key;
    if (option.default !== undefined) {
      return [`${indent}## ${description}`, `${indent}# ${key}: ${oneLine(option.default)}`];
    }
    if (shape?.required?.includes(key) === true) {
      return [`${indent}## ${description} (required)`, `${indent}${key}: ${oneLine(exampleOf(option))}`];
    }
    const [example] = option.examples ?? [];
    if (example !== undefined) {
      return [`${indent}## ${description} (optional)`, `${indent}# ${key}: ${oneLine(example)}`];
    }
    return [`${indent}## ${key}: ${description} (optional)`];
  });
}

/** Leaves comments as they are, so that removing one level of `#` activates an option at any depth. */
function commentOut(line: string): string {
  const [, indent = '', text = ''] = /^( *)(.*)$/.exec(line) ?? [];
  return text.startsWith('#') ? line : `${indent}# ${text}`;
}

function oneLine(value: unknown): string {
  const escaped = JSON.parse(JSON.stringify(value).replaceAll('${', '$${')) as unknown;
  if (typeof escaped === 'string' && /[\r\n]/.test(escaped)) return JSON.stringify(escaped);
  return stringify(escaped, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim();
}

/** From `.meta({ examples: […] })`, otherwise the simplest value of the type. */
function exampleOf(schema: OptionSchema): unknown {
  const given = schema.examples?.[0] ?? schema.enum?.[0];
  if (given !== undefined) return given;
  const simple = variants(schema).find(({ type }) => type !== undefined);
  const type = String(simple?.type);
  if (type === 'array') return simple?.items === undefined ? [] : [exampleOf(simple.items)];
  if (type === 'object') return objectExample(simple ?? {});
  return EXAMPLES.get(type) ?? textExample(simple);
}

const EXAMPLES: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['boolean', false],
  ['number', 1],
  ['integer', 1],
]);

function objectExample({ properties = {}, required = [] }: OptionSchema): Readonly<Record<string, unknown>> {
  return Object.fromEntries(required.map((key) => [key, exampleOf(properties[key] ?? {})]));
}

function textExample({ format }: OptionSchema = {}): string {
  if (format === 'duration') return '10s';
  return format === 'url' || format === 'uri' ? 'http://localhost' : 'example';
}
