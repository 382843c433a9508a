import { describeError } from '../../plugin/index.ts';
import type { FieldValue } from '../../plugin/index.ts';

/** What the options say about keys, which are flattened ones. */
export interface JsonRules {
  /** The measurement, unless `nameKey` gives another. */
  readonly name: string;
  readonly nameKey: string;
  readonly isTag: (key: string) => boolean;
  readonly isStringField: (key: string) => boolean;
}

export interface JsonPoint {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

export interface ParsedJson {
  readonly metrics: readonly JsonPoint[];
  readonly errors: readonly string[];
}

type Scalar = string | number | boolean;

/** Deeper than anyone nests by hand, and shallow enough for the call stack. */
const MAX_DEPTH = 32;

/**
 * One object gives one point, a list of objects one for each. Nested keys are joined by `_`, and positions in lists are
 * keys. Numbers become float fields; strings and booleans are dropped unless they are tags or wanted as fields.
 */
export function parseJson(text: string, rules: JsonRules): ParsedJson {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (trimmed === '') return { metrics: [], errors: [] };
  let document: unknown;
  try {
    document = JSON.parse(trimmed);
  } catch (error) {
    return { metrics: [], errors: [`not JSON: ${describeError(error)}`] };
  }
  const metrics: JsonPoint[] = [];
  const errors: string[] = [];
  for (const [index, item] of (Array.isArray(document) ? document : [document]).entries()) {
    const point = toPoint(item, rules);
    if (typeof point === 'string') errors.push(Array.isArray(document) ? `item ${index}: ${point}` : point);
    else if (point !== undefined) metrics.push(point);
  }
  return { metrics, errors };
}

/** @returns a message for what is no object, undefined for an object without a field */
function toPoint(item: unknown, { name, nameKey, isTag, isStringField }: JsonRules): JsonPoint | string | undefined {
  if (!isObject(item)) return 'an object was expected';
  const values = new Map<string, Scalar>();
  if (!flatten(item, '', values, MAX_DEPTH)) return `nested more than ${MAX_DEPTH} levels deep`;
  const tags: [string, string][] = [];
  const fields: [string, FieldValue][] = [];
  for (const [key, value] of values) {
    if (isTag(key)) tags.push([key, String(value)]);
    else if (typeof value === 'number' || isStringField(key)) fields.push([key, value]);
  }
  if (fields.length === 0) return undefined;
  const named = values.get(nameKey); // '' is no key
  return {
    name: typeof named === 'string' && named !== '' ? named : name,
    tags: Object.fromEntries(tags),
    fields: Object.fromEntries(fields),
  };
}

function isObject(item: unknown): boolean {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

/** @returns false if it is too deep */
function flatten(value: unknown, key: string, into: Map<string, Scalar>, depth: number): boolean {
  if (typeof value === 'object' && value !== null) {
    if (depth === 0) return false;
    return Object.entries(value).every(([part, inner]) =>
      flatten(inner, key === '' ? part : `${key}_${part}`, into, depth - 1),
    );
  }
  const isScalar = typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
  if (isScalar && key !== '') into.set(key, value);
  return true;
}
