/** Knows what must not be shown, and takes it out of texts. */
import { optionSchema, isSecret } from './option-schema.ts';
import type { Path } from './source.ts';
import { isMapping, type SubstitutedValue } from './substitute.ts';
import { hideUrlPasswordsInText, urlPasswords } from './url-passwords.ts';
import type { z } from '../plugin.ts';

export const REDACTED = '<secret>';

export interface Secrets {
  /**
   * Replaces every secret in a text, also where it is escaped for a URL or for JSON, and the password of every URL, by
   * `<secret>`.
   */
  redact(text: string): string;
  /** The same with as many asterisks as there were characters, for a line under which a caret stands. */
  mask(text: string): string;
  /** Whether the value at a path, or what it lies in, must not be shown. */
  has(path: Path): boolean;
}

/** Options that were given to one schema, and where they are in the configuration. */
export interface SchemaUse {
  readonly path: Path;
  readonly options: unknown;
  readonly schema: z.ZodType;
}

/** Shorter values are only hidden where they stand alone in quotes: "8" or "db" would tear holes into every text. */
const MIN_ANYWHERE = 4;

/** Looks into the schemas at the first question only, since a start without problems asks none. */
export function createSecrets(substituted: readonly SubstitutedValue[], uses: readonly SchemaUse[]): Secrets {
  let literals: readonly { readonly path: Path; readonly text: string }[] | undefined;
  let pattern: RegExp | undefined;
  const findLiterals = () => (literals ??= uses.flatMap(secretOptions));
  const makePattern = () => {
    const parts = substituted.flatMap((value) => value.parts);
    const passwords = uses.flatMap(({ options }) => scalars(options).flatMap(({ text }) => urlPasswords(text)));
    return secretPattern([...parts, ...findLiterals().map(({ text }) => text), ...passwords]);
  };
  const replace = (text: string, shown: (secret: string) => string) => {
    const known = text.replace((pattern ??= makePattern()), (match) => {
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

interface Scalar {
  readonly path: Path;
  readonly text: string;
}

function secretOptions({ path, options, schema }: SchemaUse): readonly Scalar[] {
  return scalars(options)
    .filter((scalar) => isSecret(optionSchema(schema), scalar.path))
    .map((scalar) => ({ path: [...path, ...scalar.path], text: scalar.text }));
}

/** Every text and number at any depth. */
function scalars(value: unknown, path: Path = []): readonly Scalar[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => scalars(item, [...path, index]));
  if (isMapping(value)) return Object.entries(value).flatMap(([key, item]) => scalars(item, [...path, key]));
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
  return isScalar ? [{ path, text: String(value) }] : [];
}

/** Matches each secret in all its spellings, the longest first; a pattern that matches nothing if there is none. */
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
  // Half of a surrogate pair has no encoding, and so cannot be in a URL.
  return encodeURIComponent(value.replace(/[\ud800-\udfff]/gu, '\ufffd'));
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
