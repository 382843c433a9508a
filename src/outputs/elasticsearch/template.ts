/** The index template and the lifecycle policy that are created before the first document. */
import type { Options } from './options.ts';

export interface TemplateSettings {
  readonly pattern: string;
  readonly isStream: boolean;
  /** Name of the ILM policy; an ISM policy contains the pattern itself. */
  readonly policy: string | undefined;
}

/** Higher than that of Elasticsearch's built-in templates for `metrics-*-*` and `logs-*-*` (100). */
const LOWEST_PRIORITY = 501;

/** More than the wildcards that a name can have. */
const LITERAL = 128;

/** Version of the template's content. 2: whole numbers are doubles. */
export const TEMPLATE_VERSION = 2;

/** By which templates of healthd are recognized. */
export const DESCRIPTION = 'Metrics and log records of healthd';

const KEYWORD = { type: 'keyword', ignore_above: 1024 } as const;

/**
 * Elasticsearch refuses overlapping patterns of equal priority, and uses the template with the highest one. So the more specific
 * pattern gets the higher priority: first by its literal characters, then by how few wildcards it has.
 */
export function priorityOf(pattern: string): number {
  const wildcards = pattern.split('*').length - 1;
  return LOWEST_PRIORITY + (pattern.length - wildcards) * LITERAL - wildcards;
}

export function indexTemplate({ pattern, isStream, policy }: TemplateSettings): object {
  return {
    index_patterns: [pattern],
    priority: priorityOf(pattern),
    version: TEMPLATE_VERSION,
    _meta: { description: DESCRIPTION },
    ...(isStream ? { data_stream: {} } : {}),
    template: {
      settings: {
        index: {
          refresh_interval: '10s',
          codec: 'best_compression',
          mapping: { total_fields: { limit: 5000 } },
          ...(policy === undefined ? {} : { lifecycle: { name: policy } }),
        },
      },
      mappings: {
        date_detection: false,
        dynamic_templates: [
          { tags: { path_match: 'tag.*', mapping: KEYWORD } },
          { texts: { match_mapping_type: 'string', mapping: KEYWORD } },
          // The default would be 32-bit floats.
          { floats: { match_mapping_type: 'double', mapping: { type: 'double' } } },
          // A long would drop the fractions of later values without an error.
          { integers: { match_mapping_type: 'long', mapping: { type: 'double' } } },
        ],
        properties: {
          '@timestamp': { type: 'date' },
          measurement_name: { type: 'keyword' },
          message: { type: 'text' },
          log: { properties: { level: { type: 'keyword' } } },
          tag: { type: 'object' },
        },
      },
    },
  };
}

type Lifecycle = NonNullable<Options['ilm']>;

/** Index Lifecycle Management of Elasticsearch. */
export function ilmPolicy({ max_size, max_age, delete_after }: Lifecycle): object {
  const rollover = defined({ max_size: sizeText(max_size), max_age: timeText(max_age) });
  return {
    policy: {
      phases: {
        hot: { min_age: '0ms', actions: isEmpty(rollover) ? {} : { rollover } },
        ...(delete_after === undefined ? {} : { delete: { min_age: timeText(delete_after), actions: { delete: {} } } }),
      },
    },
  };
}

/** Index State Management of OpenSearch. */
export function ismPolicy({ max_size, max_age, delete_after }: Lifecycle, pattern: string): object {
  const rollover = defined({ min_size: sizeText(max_size), min_index_age: timeText(max_age) });
  const end = { state_name: 'delete', conditions: { min_index_age: timeText(delete_after) } };
  const isEnding = delete_after !== undefined;
  return {
    policy: {
      description: 'Indices of healthd',
      default_state: 'hot',
      states: [
        { name: 'hot', actions: isEmpty(rollover) ? [] : [{ rollover }], transitions: isEnding ? [end] : [] },
        ...(isEnding ? [{ name: 'delete', actions: [{ delete: {} }], transitions: [] }] : []),
      ],
      ism_template: [{ index_patterns: [pattern], priority: priorityOf(pattern) }],
    },
  };
}

/**
 * The constant part of a pattern: `healthd` for `healthd-*.*.*`. It always contains "healthd", because Elasticsearch has
 * built-in templates and policies named `metrics` and `logs`.
 */
export function templateName(pattern: string): string {
  const fixed = pattern
    .replace(/\*[._-]?/g, '')
    .replaceAll('+', '-')
    .replace(/[._-]+$/, '');
  return fixed.includes('healthd') ? fixed : `healthd-${fixed}`;
}

function sizeText(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : `${bytes}b`;
}

function timeText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${Math.ceil(ms / 1000)}s`;
}

function defined(entries: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}
