/** JSON Schema of the whole file for editors, generated from the schemas that validate it. */
import type { z } from '../plugin/index.ts';
import type { Registry } from '../registry/registry.ts';

import { optionSchema, type OptionSchema } from './option-schema.ts';
import {
  fileSchema,
  entrySchemas,
  SECTIONS,
  SETTINGS,
  type Section,
  type SectionKind,
  type SettingsSection,
} from './file-schema.ts';
import { isMapping } from './substitute.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A code file or a package that the registry does not know. */
const EXTERNAL = String.raw`^(\.{1,2}[/\\]|/|[A-Za-z]:[/\\]|@|healthd-)`;

/** @returns draft 2020-12 */
export async function jsonSchema(registry: Registry): Promise<JsonSchema> {
  const properties: Record<string, JsonSchema> = {};
  for (const name of [...(Object.keys(SETTINGS) as SettingsSection[]), 'plugins'] as const) {
    properties[name] = forEditors(optionSchema(fileSchema.shape[name]));
  }
  for (const [section, kind] of Object.entries(SECTIONS) as [Section, SectionKind][]) {
    const { description } = optionSchema(fileSchema.shape[section]);
    const items = await entrySchema(registry, kind);
    properties[section] =
      section === 'notifiers'
        ? { type: 'object', description, additionalProperties: items }
        : { type: 'array', description, items };
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of healthd',
    type: 'object',
    additionalProperties: false,
    properties,
  };
}

async function entrySchema(registry: Registry, kind: SectionKind): Promise<JsonSchema> {
  const names = registry.names(kind);
  const properties: Record<string, JsonSchema> = {};
  for (const name of names) {
    const { summary, config } = await registry.find(kind, name);
    properties[name] = { description: summary, anyOf: [optionsSchema(kind, config), { type: 'null' }] };
  }
  return {
    anyOf: [
      { enum: names },
      { type: 'string', pattern: EXTERNAL },
      {
        type: 'object',
        minProperties: 1,
        maxProperties: 1,
        additionalProperties: false,
        properties,
        patternProperties: { [EXTERNAL]: { type: ['object', 'null'] } },
      },
    ],
  };
}

/** The plugin's options and the entry keys in one mapping, as they are written. */
function optionsSchema(kind: SectionKind, config: z.ZodType): JsonSchema {
  const own = forEditors(optionSchema(config));
  const entryProperties = forEditors(optionSchema(entrySchemas[kind]))['properties'] as JsonSchema;
  if (isMapping(own['properties'])) return { ...own, properties: { ...own['properties'], ...entryProperties } };
  // A union of several mappings: the entry keys cannot be added to each, so the keys are not restricted.
  return { type: 'object', properties: entryProperties };
}

/** In JSON Schema the format `duration` means ISO 8601, and editors do not know our own keywords. */
function forEditors(schema: OptionSchema): JsonSchema {
  return strip(schema) as JsonSchema;
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (!isMapping(value)) return value;
  const kept = Object.entries(value).filter(([key, item]) => {
    if (key === 'format') return item !== 'duration' && item !== 'bytes';
    return !(key === 'secret' && item === true) && key !== '$schema' && key !== '~standard';
  });
  return Object.fromEntries(kept.map(([key, item]) => [key, strip(item)]));
}
