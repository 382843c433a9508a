import { describeError } from '../../plugin/index.ts';
import type { FieldValue } from '../../plugin/index.ts';

import { parseTime, type TimeFormat } from './time.ts';

/** Rules from the options. Keys are flattened keys. */
export interface JsonRules {
  /** The measurement, unless `nameKey` gives another. */
  readonly name: string;
  readonly nameKey: string;
  /** Where the time of a point is. Default: points have no time of their own. */
  readonly time?: { readonly key: string; readonly format: TimeFormat } | undefined;
  readonly isTag: (key: string) => boolean;
  readonly isStringField: (key: string) => boolean;
}

export interface JsonPoint {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** Nanoseconds since the Unix epoch. */
  readonly time?: bigint;
}

export interface ParsedJson {
  readonly metrics: readonly JsonPoint[];
  readonly errors: readonly string[];
}

type Scalar = string | number | boolean;

/** Bounds the recursion. */
const MAX_DEPTH = 32;

/** Characters of a flattened key. Without a bound a long key is repeated for each value below it: 1 MB becomes gigabytes. */
const MAX_KEY = 1000;

/** A few milliseconds of work. */
const ITEMS_IN_STEP = 500;

/**
 * An object gives one point, an array one per object. Nested keys are joined by `_`, with array indexes as keys. Numbers
 * become float fields; strings and booleans are dropped unless the rules make them tags or fields. Python's `NaN` and
 * `Infinity` are left out. To be done in turns.
 *
 * @throws RangeError for more than `most` items
 */
export function* parseJson(text: string, rules: JsonRules, most: number): Generator<undefined, ParsedJson> {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (trimmed === '') return { metrics: [], errors: [] };
  const document = read(trimmed);
  if (document instanceof SyntaxError) return { metrics: [], errors: [`not JSON: ${describeError(document)}`] };
  const isList = Array.isArray(document);
  const items: readonly unknown[] = isList ? document : [document];
  if (items.length > most) throw new RangeError(`more than ${most} items`);
  return yield* pointsOf(items.entries(), rules, isList ? (index) => `item ${index}: ` : () => '');
}

/**
 * Newline-delimited JSON: each line is an object. To be done in turns.
 *
 * @throws RangeError for more than `most` lines
 */
export function* parseNdjson(text: string, rules: JsonRules, most: number): Generator<undefined, ParsedJson> {
  let count = 0;
  const documents = function* (): Generator<readonly [number, unknown]> {
    const lines = text.replace(/^\uFEFF/, '').split('\n');
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '') continue;
      count += 1;
      if (count > most) throw new RangeError(`more than ${most} lines`);
      yield [index + 1, read(line)];
    }
  };
  return yield* pointsOf(documents(), rules, (line) => `line ${line}: `);
}

function* pointsOf(
  items: Iterable<readonly [number, unknown]>,
  rules: JsonRules,
  where: (index: number) => string,
): Generator<undefined, ParsedJson> {
  const metrics: JsonPoint[] = [];
  const errors: string[] = [];
  let left = ITEMS_IN_STEP;
  for (const [index, item] of items) {
    left -= 1;
    if (left === 0) {
      left = ITEMS_IN_STEP;
      yield;
    }
    const point = item instanceof SyntaxError ? `not JSON: ${describeError(item)}` : toPoint(item, rules);
    if (typeof point === 'string') errors.push(`${where(index)}${point}`);
    else if (point !== undefined) metrics.push(point);
  }
  return { metrics, errors };
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Only now: most output is JSON, and the search costs as much as the parser.
    const repaired = withoutNonFinite(text);
    try {
      if (repaired !== text) return JSON.parse(repaired);
    } catch {
      // What was printed is not JSON either way; the first error is about the text as it was.
    }
    return error;
  }
}

/** Strings, also one that is never closed, and what some programs write for numbers that are not finite. */
const STRING_OR_NON_FINITE = /"[^"\\]*(?:\\[^][^"\\]*)*"?|-?\b(?:NaN|Infinity)\b/g;

function withoutNonFinite(text: string): string {
  return text.replace(STRING_OR_NON_FINITE, (found) => (found.startsWith('"') ? found : 'null'));
}

/** @returns an error message if the item is not a valid object, undefined if it has no field */
export function toPoint(item: unknown, rules: JsonRules): JsonPoint | string | undefined {
  const { name, nameKey, isTag, isStringField } = rules;
  if (!isObject(item)) return 'expected an object';
  const values = new Map<string, Scalar>();
  const fault = flatten(item, '', values, MAX_DEPTH);
  if (fault !== undefined) return fault;
  const time = rules.time === undefined ? {} : takeTime(values, rules.time);
  if (typeof time === 'string') return time;
  const named = values.get(nameKey); // '' never matches: flattened keys are not empty
  const tags: [string, string][] = [];
  const fields: [string, FieldValue][] = [];
  for (const [key, value] of values) {
    if (isTag(key)) tags.push([key, String(value)]);
    else if (typeof value === 'number' || isStringField(key)) fields.push([key, value]);
  }
  if (fields.length === 0) return undefined;
  return {
    name: typeof named === 'string' && named !== '' ? named : name,
    tags: Object.fromEntries(tags),
    fields: Object.fromEntries(fields),
    ...time,
  };
}

/** @returns an error message if there is no such time */
function takeTime(values: Map<string, Scalar>, { key, format }: NonNullable<JsonRules['time']>) {
  const time = parseTime(String(values.get(key) ?? ''), format);
  values.delete(key);
  return time === undefined ? `expected a time in the form ${format} at ${key}` : { time };
}

function isObject(item: unknown): boolean {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

/** @returns an error message if nested too deeply, or if a key becomes too long */
function flatten(value: unknown, key: string, into: Map<string, Scalar>, depth: number): string | undefined {
  if (key.length > MAX_KEY) return `a key has more than ${MAX_KEY} characters: ${key.slice(0, 40)}…`;
  if (typeof value === 'object' && value !== null) {
    if (depth === 0) return `nested more than ${MAX_DEPTH} levels deep`;
    for (const [part, inner] of Object.entries(value)) {
      const fault = flatten(inner, key === '' ? part : `${key}_${part}`, into, depth - 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  const isScalar = typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
  if (isScalar && key !== '') into.set(key, value);
  return undefined;
}
