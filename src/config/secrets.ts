/** Finds the secrets of a configuration, and removes them from texts. */
import { optionSchema, isSecret } from './option-schema.ts';
import { SECTIONS } from './file-schema.ts';
import type { Path } from './source.ts';
import { isMapping, type SubstitutedValue } from './substitute.ts';
import { hideUrlPasswordsInText, urlPasswords } from './url-passwords.ts';
import type { z } from '../plugin/index.ts';

export const REDACTED = '<secret>';

export interface Secrets {
  /**
   * Replaces every secret in a text, also in its URL- and JSON-escaped forms, and the password of every URL, by
   * `<secret>`.
   */
  redact(text: string): string;
  /** The same with one asterisk per character, for a line with a caret under it. */
  mask(text: string): string;
  /** Whether the value at a path, or anything around it, is secret. */
  has(path: Path): boolean;
}

/** Options that were checked against one schema, and their path in the configuration. */
export interface SchemaUse {
  readonly path: Path;
  readonly options: unknown;
  readonly schema: z.ZodType;
}

/** Shorter values are hidden only where they are alone in quotes: replacing every "8" or "db" would garble texts. */
const MIN_ANYWHERE = 4;

/** Inspects the schemas lazily, which takes some 15 ms: not before a text contains a value of some option. */
export function createSecrets(substituted: readonly SubstitutedValue[], uses: readonly SchemaUse[]): Secrets {
  const always = () => [
    ...substituted.flatMap(({ parts }) => parts),
    ...uses.flatMap(({ options }) => scalars(options).flatMap(({ text }) => urlPasswords(text))),
  ];
  const findLiterals = once(() => uses.flatMap(secretOptions));
  const findSuspects = once(() => secretPattern([...always(), ...uses.flatMap(ownScalars).map(({ text }) => text)]));
  const findPattern = once(() => secretPattern([...always(), ...findLiterals().map(({ text }) => text)]));

  const replace = (text: string, shown: (secret: string) => string) => {
    if (text.search(findSuspects()) === -1) return hideUrlPasswordsInText(text, shown);
    const known = text.replace(findPattern(), (match) => {
      const alone = match.startsWith('"') && match.length < MIN_ANYWHERE + 2;
      return alone ? `"${shown(match.slice(1, -1))}"` : shown(match);
    });
    return hideUrlPasswordsInText(known, shown);
  };
  return {
    redact: (text) => replace(text, () => REDACTED),
    mask: (text) => replace(text, (secret) => '*'.repeat(secret.length)),
    has(path) {
      const isWithin = (outer: { readonly path: Path }) => outer.path.every((key, index) => path[index] === key);
      return substituted.some(isWithin) || findLiterals().some(isWithin);
    },
  };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

interface Scalar {
  readonly path: Path;
  readonly text: string;
}

function secretOptions(use: SchemaUse): readonly Scalar[] {
  return ownScalars(use)
    .filter(({ path }) => isSecret(optionSchema(use.schema), path))
    .map(({ path, text }) => ({ path: [...use.path, ...path], text }));
}

/** Without the entries when the whole file is checked: each entry is checked against the schema of its plugin. */
function ownScalars({ path: base, options }: SchemaUse): readonly Scalar[] {
  const isOfEntry = ([first = '']: Path) => base.length === 0 && Object.hasOwn(SECTIONS, first);
  return scalars(options).filter(({ path }) => !isOfEntry(path));
}

/** Every string and number at any depth. */
function scalars(value: unknown, path: Path = []): readonly Scalar[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => scalars(item, [...path, index]));
  if (isMapping(value)) return Object.entries(value).flatMap(([key, item]) => scalars(item, [...path, key]));
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
  return isScalar ? [{ path, text: String(value) }] : [];
}

/** Matches every secret in all of its escaped forms, the longest first. Matches nothing if there are no secrets. */
function secretPattern(values: readonly string[]): RegExp {
  const spellings = new Set(
    values
      .filter((value) => value !== '')
      .flatMap((value) => [value, JSON.stringify(value).slice(1, -1), urlEncoded(value)])
      .map((value) => (value.length < MIN_ANYWHERE ? `"${value}"` : value)),
  );
  const sorted = [...spellings].sort((a, b) => b.length - a.length).map(escapePattern);
  return sorted.length === 0 ? /(?!)/g : new RegExp(sorted.join('|'), 'g');
}

function urlEncoded(value: string): string {
  // A lone surrogate has no encoding, so it cannot occur in a URL.
  return encodeURIComponent(value.replace(/[\ud800-\udfff]/gu, '\ufffd'));
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
