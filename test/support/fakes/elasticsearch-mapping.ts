/** Elasticsearch's dynamic mapping: fields get types, and values of other types are refused. */

export type FieldType = 'object' | 'long' | 'double' | 'boolean' | 'keyword' | 'text' | 'date';

export function declare(
  mapping: Map<string, FieldType>,
  prefix: string,
  properties: Readonly<Record<string, unknown>>,
): void {
  for (const [name, value] of Object.entries(properties)) {
    const { type = 'object', properties: inner = {} } = value as { type?: FieldType; properties?: object };
    mapping.set(prefix + name, type);
    declare(mapping, `${prefix}${name}.`, inner as Record<string, unknown>);
  }
}

/** A number as written: `1.0` maps to another type than `1`. */
export class Digits {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export interface Parsed {
  readonly document: Readonly<Record<string, unknown>>;
  readonly problem?: string;
}

/** Parses JSON, keeping how numbers are written and detecting duplicate keys. */
export function parseExactly(source: string): Parsed {
  const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  let keys = 0;
  const marked = source.replace(tokens, (token, colon: string | undefined) => {
    if (colon !== undefined) keys += 1;
    return token.startsWith('"') ? token : `"\\u0000${token}"`;
  });
  let found = 0;
  const document = JSON.parse(marked, (_, value: unknown) => {
    if (typeof value === 'object' && value !== null) found += Object.keys(value).length;
    return typeof value === 'string' && value.startsWith('\0') ? new Digits(value.slice(1)) : value;
  }) as Parsed['document'];
  return keys === found ? { document } : { document, problem: 'Duplicate field' };
}

/** @returns why the document does not fit; new fields get their type from their first value */
export function mapDocument(
  mapping: Map<string, FieldType>,
  document: Readonly<Record<string, unknown>>,
  dynamic: (path: string, type: FieldType) => FieldType,
  prefix = '',
): string | undefined {
  for (const [key, value] of Object.entries(document)) {
    if (key.split('.').includes('')) return `field name cannot be [${key}]`;
    const parents = (prefix + key).split('.');
    const path = parents.join('.');
    const problem = addParents(mapping, parents) ?? mapValue(mapping, path, value, dynamic);
    if (problem !== undefined) return problem;
    if (isObject(value)) {
      const inner = mapDocument(mapping, value, dynamic, `${path}.`);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

function addParents(mapping: Map<string, FieldType>, parts: readonly string[]): string | undefined {
  for (let depth = 1; depth < parts.length; depth += 1) {
    const parent = parts.slice(0, depth).join('.');
    if ((mapping.get(parent) ?? 'object') !== 'object') {
      return `object mapping for [${parent}] tried to parse field as object, but found a concrete value`;
    }
    mapping.set(parent, 'object');
  }
  return undefined;
}

function mapValue(
  mapping: Map<string, FieldType>,
  path: string,
  value: unknown,
  dynamic: (path: string, type: FieldType) => FieldType,
): string | undefined {
  const type = mapping.get(path) ?? dynamic(path, typeOf(value));
  mapping.set(path, type);
  return fits(value, type) ? undefined : `failed to parse field [${path}] of type [${type}]`;
}

function typeOf(value: unknown): FieldType {
  if (isObject(value)) return 'object';
  if (value instanceof Digits) return /^-?\d+$/.test(value.text) ? 'long' : 'double';
  return typeof value === 'boolean' ? 'boolean' : 'text';
}

function fits(value: unknown, type: FieldType): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'long':
    case 'double':
      return value instanceof Digits || (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value));
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value);
    case 'keyword':
    case 'text':
      return !isObject(value);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !(value instanceof Digits);
}
