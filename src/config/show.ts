import { stringify } from 'yaml';

import type { z } from '../plugin/index.ts';

import { optionSchema, variants, type OptionSchema } from './option-schema.ts';
import { entrySchemas, SECTIONS, SETTINGS, type Section, type SettingsSection } from './file-schema.ts';
import { REDACTED, type Secrets } from './secrets.ts';
import type { Path } from './source.ts';
import { isMapping } from './substitute.ts';
import { hideUrlSecrets } from './url-secrets.ts';
import type { AnyCheckedEntry } from './check-entries.ts';
import type { LoadedConfig } from './validate.ts';

/** The effective configuration as YAML, with defaults filled in and secrets as `<secret>`. */
export function showConfig({ agent, written, secrets }: LoadedConfig): string {
  const given = { ...written, agent: { state_dir: agent.state_dir, ...toMapping(written.agent) } };
  const names = (Object.keys(SETTINGS) as SettingsSection[]).filter((name) => given[name] !== undefined);
  const settings = names.map(
    (name) => [name, shown(filledSection(SETTINGS[name], given[name]), [name], secrets)] as const,
  );
  const plugins = written.plugins.length === 0 ? {} : { plugins: written.plugins };
  const lists = Object.entries(SECTIONS) as [Section, (typeof SECTIONS)[Section]][];
  const sections = lists.map(([section, kind]) => {
    const entries = written.entries.filter(({ plugin }) => plugin.kind === kind);
    if (section === 'notifiers') return [section, shownNotifiers(entries, secrets)] as const;
    return [section, entries.map((entry) => shownEntry(entry, secrets, entry.alias))] as const;
  });
  const all: unknown = { ...Object.fromEntries(settings), ...plugins, ...Object.fromEntries(sections) };
  return stringify(all, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** The keys of the section are the names. */
function shownNotifiers(entries: readonly AnyCheckedEntry[], secrets: Secrets): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries.map((entry) => [entry.alias, shownEntry(entry, secrets)]));
}

function shownEntry({ plugin, written, path }: AnyCheckedEntry, secrets: Secrets, alias?: string): unknown {
  const { key, options } = written;
  const effective = { ...filled(entrySchemas[plugin.kind], {}), ...filled(plugin.config, options) };
  return { [key]: { ...(alias === undefined ? {} : { alias }), ...toMapping(shown(effective, path, secrets)) } };
}

function filled(schema: z.ZodType, value: unknown): Readonly<Record<string, unknown>> {
  return toMapping(withDefaults(optionSchema(schema), value));
}

/** A section that is turned off stays `false`. */
function filledSection(schema: z.ZodType, value: unknown): unknown {
  return value === false ? false : filled(schema, value);
}

function toMapping(value: unknown): Readonly<Record<string, unknown>> {
  return isMapping(value) ? value : {};
}

/** Fills in defaults, in mappings at any depth. */
function withDefaults(schema: OptionSchema, value: unknown): unknown {
  const shape = variants(schema).find(({ properties }) => properties !== undefined);
  if (shape?.properties === undefined || !isMapping(value)) return value;
  const result: Record<string, unknown> = { ...value };
  for (const [key, option] of Object.entries(shape.properties)) {
    const given = Object.hasOwn(value, key) ? value[key] : option.default;
    if (given !== undefined) result[key] = withDefaults(option, given);
  }
  return result;
}

function shown(value: unknown, path: Path, secrets: Secrets): unknown {
  if (value !== undefined && typeof value !== 'object' && secrets.has(path)) return REDACTED;
  if (typeof value === 'string') return hideUrlSecrets(value, () => REDACTED);
  if (Array.isArray(value)) return value.map((item, index) => shown(item, [...path, index], secrets));
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item, [...path, key], secrets)]));
}
