/**
 * Escaping outside of strings. Line protocol cannot represent every text, so the encoder normalizes names, tags and field
 * keys first:
 *
 * - control characters that would end a token (`\t \n \v \f \r`) become a backslash and a letter; parsing does not undo this;
 * - trailing backslashes are removed, because they would escape the delimiter that follows;
 * - a leading `#` of a name is removed, because the line would be a comment;
 * - tags with an empty key or value, and fields with an empty key, are omitted.
 */
const CONTROL: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
};

/** The normal form of a tag key, tag value or field key, not yet escaped. */
export function normalize(text: string): string {
  return withoutTrailingBackslashes(text).replace(/[\t\n\v\f\r]/g, (character) => CONTROL[character] ?? '');
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
