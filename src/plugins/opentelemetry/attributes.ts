/** Attributes: values of any type, which may nest. */
import type { Decoder } from './decoder.ts';
import type { Raw } from './message.ts';
import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUES, RESOURCE, SCOPE } from './messages.ts';

/** A value as JSON has it; an integer beyond 2^53 is a text. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

export type Attributes = ReadonlyMap<string, Plain>;

/** Of the values of an attribute. */
const MAX_DEPTH = 16;

/** Without those that have no name. */
export function attributesOf(decoder: Decoder, items: readonly Raw[], depth = 0): Map<string, Plain> {
  const found = new Map<string, Plain>();
  for (const item of items) {
    const { key, value } = decoder.open(KEY_VALUE, item);
    if (key !== undefined && key !== '') found.set(key, plainOf(decoder, value, depth));
  }
  return found;
}

/** @throws Error if it nests too deep */
export function plainOf(decoder: Decoder, raw: Raw | undefined, depth = 0): Plain {
  if (raw === undefined) return null;
  if (depth > MAX_DEPTH) throw new Error(`a value nests deeper than ${MAX_DEPTH} levels`);
  const value = decoder.open(ANY_VALUE, raw);
  if (value.arrayValue !== undefined) {
    const { values } = decoder.open(ARRAY_VALUE, value.arrayValue);
    return values.map((each) => plainOf(decoder, each, depth + 1));
  }
  if (value.kvlistValue !== undefined) {
    const { values } = decoder.open(KEY_VALUES, value.kvlistValue);
    return Object.fromEntries(attributesOf(decoder, values, depth + 1));
  }
  if (value.intValue !== undefined) return safeInteger(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue ?? null;
}

function safeInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** Empty for no value; JSON for lists and objects. */
export function textOf(value: Plain): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What a resource and a scope add to all that is under them. The names are those of Telegraf. */
export function sourceOf(decoder: Decoder, resource: Raw | undefined, scope: Raw | undefined): Attributes {
  const { attributes } = resource === undefined ? NO_ATTRIBUTES : decoder.open(RESOURCE, resource);
  const found = attributesOf(decoder, attributes);
  if (scope === undefined) return found;
  const { name = '', version = '', attributes: own } = decoder.open(SCOPE, scope);
  for (const [key, value] of attributesOf(decoder, own)) found.set(key, value);
  if (name !== '') found.set('otel.library.name', name);
  if (version !== '') found.set('otel.library.version', version);
  return found;
}

const NO_ATTRIBUTES = { attributes: [] };

/** The host that sends, so that its points are not those of this one. */
export function withHost(tags: Map<string, string>, source: Attributes): Map<string, string> {
  const host = source.get('host.name');
  if (!tags.has('host') && typeof host === 'string' && host !== '') tags.set('host', host);
  return tags;
}
