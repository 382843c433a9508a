/** Finds the secrets of a configuration, and removes them from texts. */
import { isMarked, optionSchema, type Mark } from './option-schema.ts';
import { SECTIONS } from './file-schema.ts';
import { secretSearch, type SecretSearch } from './secret-search.ts';
import type { Path } from './source.ts';
import { isMapping, type SubstitutedValue } from './substitute.ts';
import { hideUrlSecretsInText, urlSecrets } from './url-secrets.ts';
import type { z } from '../plugin/index.ts';

export const REDACTED = '<secret>';

export interface Secrets {
  /**
   * Replaces every secret in a text by `<secret>`: also its URL, JSON and base64 forms and a long part of it, the password
   * and query of every URL, and what follows `Basic` or `Bearer`.
   */
  redact(text: string): string;
  /** The same with one asterisk per character, for a line with a caret under it. */
  mask(text: string): string;
  /** Whether the value at a path, or anything around it, is secret or private. */
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
    ...uses.flatMap(({ options }) => scalars(options).flatMap(({ text }) => urlSecrets(text))),
  ];
  const findLiterals = once(() => uses.flatMap((use) => marked(use, 'secret')));
  const findPrivate = once(() => uses.flatMap((use) => marked(use, 'private')));
  const findSuspects = once(() => searchFor([...always(), ...uses.flatMap(ownScalars).map(({ text }) => text)]));
  const findSecrets = once(() => searchFor([...always(), ...findLiterals().map(({ text }) => text)]));
  const findAll = once(() =>
    searchFor([...always(), ...[...findLiterals(), ...findPrivate()].map(({ text }) => text)]),
  );

  const replace = (text: string, find: () => SecretSearch, shown: (secret: string) => string) => {
    const known = !findSuspects().test(text)
      ? text
      : find().replace(text, (match) => {
          const alone = match.startsWith('"') && match.length < MIN_ANYWHERE + 2;
          return alone ? `"${shown(match.slice(1, -1))}"` : shown(match);
        });
    return hideUrlSecretsInText(hideCredentials(known, shown), shown);
  };
  return {
    redact: (text) => replace(text, findSecrets, () => REDACTED),
    mask: (text) => replace(text, findAll, (secret) => '*'.repeat(secret.length)),
    has(path) {
      const isWithin = (outer: { readonly path: Path }) => outer.path.every((key, index) => path[index] === key);
      return substituted.some(isWithin) || findLiterals().some(isWithin) || findPrivate().some(isWithin);
    },
  };
}

/** What a server echoes of the header `Authorization`; not a word, as in "basic authentication". */
const CREDENTIALS = /\b([Bb]asic|BASIC|[Bb]earer|BEARER)(\s+)(?![a-z]+(?![\w+/=.~-]))([\w+/=.~-]{8,})/g;

function hideCredentials(text: string, shown: (secret: string) => string): string {
  return text.replace(
    CREDENTIALS,
    (_all, scheme: string, space: string, secret: string) => scheme + space + shown(secret),
  );
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

interface Scalar {
  readonly path: Path;
  readonly text: string;
}

function marked(use: SchemaUse, mark: Mark): readonly Scalar[] {
  return ownScalars(use)
    .filter(({ path }) => isMarked(optionSchema(use.schema), path, mark))
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

/** Finds every value in all of its forms. */
function searchFor(values: readonly string[]): SecretSearch {
  return secretSearch(
    values
      .filter((value) => value !== '')
      .flatMap((value) => [value, ...piecesOf(value)])
      .flatMap((value) => [value, JSON.stringify(value).slice(1, -1), urlEncoded(value), ...base64Cores(value)])
      .map((value) => (value.length < MIN_ANYWHERE ? `"${value}"` : value)),
  );
}

/** Shorter lines and tokens of a larger secret are too common. Characters. */
const MIN_PIECE = 8;

/** The lines of a value of several lines, and the token of a header such as `Basic dXNlcjpwYXNz`. */
function piecesOf(value: string): readonly string[] {
  const lines = value.includes('\n') ? value.split(/\r?\n/) : [];
  const token = /^[A-Za-z]+ (\S+)$/.exec(value)?.[1] ?? '';
  return [...lines.map((line) => line.trim()), token].filter((piece) => piece.length >= MIN_PIECE);
}

/** A shorter core would be found in ordinary words. Characters of base64. */
const MIN_CORE = 8;

/**
 * What is the same in the base64 of every text that contains the value, such as `user:password`: for each of the three
 * positions in a group of three bytes, the characters that depend on no neighbour.
 */
function base64Cores(value: string): readonly string[] {
  return [0, 1, 2]
    .map((offset) => {
      const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
      const isWhole = bytes.length % 3 === 0;
      const text = bytes.toString('base64').replace(/=+$/, '');
      return text.slice(offset === 0 ? 0 : offset + 1, isWhole ? undefined : -1);
    })
    .filter((core) => core.length >= MIN_CORE);
}

function urlEncoded(value: string): string {
  // A lone surrogate has no encoding, so it cannot occur in a URL.
  return encodeURIComponent(value.replace(/[\ud800-\udfff]/gu, '\ufffd'));
}
