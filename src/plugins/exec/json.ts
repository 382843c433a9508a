import { describeError } from '../../plugin/index.ts';
import type { FieldValue } from '../../plugin/index.ts';

/** Rules from the options. Keys are flattened keys. */
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

/** Bounds the recursion. */
const MAX_DEPTH = 32;

/** A few milliseconds of work. */
const ITEMS_IN_STEP = 500;

/**
 * An object gives one point, an array one per object. Nested keys are joined by `_`, with array indexes as keys. Numbers
 * become float fields; strings and booleans are dropped unless the rules make them tags or fields. To be done in turns.
 *
 * @throws RangeError for more than `most` items
 */
export function* parseJson(text: string, rules: JsonRules, most: number): Generator<undefined, ParsedJson> {
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
  const items: readonly unknown[] = Array.isArray(document) ? document : [document];
  if (items.length > most) throw new RangeError(`more than ${most} items`);
  for (const [index, item] of items.entries()) {
    if (index % ITEMS_IN_STEP === ITEMS_IN_STEP - 1) yield;
    const point = toPoint(item, rules);
    if (typeof point === 'string') errors.push(Array.isArray(document) ? `item ${index}: ${point}` : point);
    else if (point !== undefined) metrics.push(point);
  }
  return { metrics, errors };
}

/** @returns an error message if the item is not a valid object, undefined if it has no field */
function toPoint(item: unknown, { name, nameKey, isTag, isStringField }: JsonRules): JsonPoint | string | undefined {
  if (!isObject(item)) return 'expected an object';
  const values = new Map<string, Scalar>();
  if (!flatten(item, '', values, MAX_DEPTH)) return `nested more than ${MAX_DEPTH} levels deep`;
  const tags: [string, string][] = [];
  const fields: [string, FieldValue][] = [];
  for (const [key, value] of values) {
    if (isTag(key)) tags.push([key, String(value)]);
    else if (typeof value === 'number' || isStringField(key)) fields.push([key, value]);
  }
  if (fields.length === 0) return undefined;
  const named = values.get(nameKey); // '' never matches: flattened keys are not empty
  return {
    name: typeof named === 'string' && named !== '' ? named : name,
    tags: Object.fromEntries(tags),
    fields: Object.fromEntries(fields),
  };
}

function isObject(item: unknown): boolean {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

/** @returns false if nested too deeply */
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
