/**
 * Escaping outside of strings. Line protocol cannot represent every text, so the encoder normalizes names, tags and field
 * keys first:
 *
 * - control characters become a backslash and a letter (`\t \n \v \f \r`) or `\x1b`; parsing does not undo this;
 * - trailing backslashes are removed, because they would escape the delimiter that follows;
 * - a leading `#` of a name is removed, because the line would be a comment;
 * - tags with an empty key or value, and fields with an empty key, are omitted.
 */
const LETTERS: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
};

/** Not those beyond ASCII, which are no control characters to a database. */
const CONTROLS = /(?=[\0-\x7f])\p{Cc}/gu;

function hexOf(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** The normal form of a tag key, tag value or field key, not yet escaped. */
export function normalize(text: string): string {
  return withoutTrailingBackslashes(text).replace(CONTROLS, (character) => LETTERS[character] ?? hexOf(character));
}

/**
 * The normal forms of the tag keys or field keys of one metric, in order. Keys must not merge: where a form is taken (`a\` beside
 * `a`), underscores are appended; a key that is normal keeps its name.
 */
export function normalizeKeys(keys: readonly string[]): string[] {
  const forms = keys.map(normalize);
  const taken = new Set(forms.filter((form, index) => form === keys[index]));
  return forms.map((form, index) => {
    if (form === keys[index] || form === '') return form;
    let free = form;
    while (taken.has(free)) free += '_';
    taken.add(free);
    return free;
  });
}

/** Normalizes and escapes a measurement, where `=` is an ordinary character. */
export function escapeName(name: string): string {
  return normalize(name.replace(/^#+/, '')).replace(/[, ]/g, '\\$&');
}

/** Escapes a tag key, tag value or field key in normal form. */
export function escapeKey(text: string): string {
  return text.replace(/[,= ]/g, '\\$&');
}

/** For string values; newlines stay as they are. */
export function escapeString(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}

/** Keeps a backslash unless it precedes a character that `escapeName` escapes. */
export function unescapeName(text: string): string {
  return text.includes('\\') ? text.replace(/\\([, ])/g, '$1') : text;
}

export function unescapeKey(text: string): string {
  return text.includes('\\') ? text.replace(/\\([,= ])/g, '$1') : text;
}

/** Keeps a backslash before anything but a quote or a backslash, as InfluxDB does. */
export function unescapeString(text: string): string {
  return text.includes('\\') ? text.replace(/\\(["\\])/g, '$1') : text;
}

/** Without a regular expression: `/\\+$/` is quadratic on a long run of backslashes inside the text. */
function withoutTrailingBackslashes(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x5c) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}
