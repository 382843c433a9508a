/** The first part of a line: measurement and tags. It ends at the first unescaped separator. */
import type { Tags } from '../metric.ts';
import { internTags } from '../series.ts';
import { BACKSLASH, COMMA, EQUALS, isBlank, isControl, isEscapable, LF, SPACE } from './ascii.ts';
import { unescapeKey, unescapeName } from './escape.ts';

/** A syntax error and the offset of the offending byte. */
export interface Problem {
  readonly message: string;
  readonly at: number;
}

export interface SeriesPart {
  readonly name: string;
  /** Interned. With a problem, the tags before it. */
  readonly tags: Tags;
  readonly problem?: Problem;
}

const EXPECTED_TAG = 'expected a tag, such as host=a';

/** Offset of the separator that ends the part; without one, of the newline or the end of the bytes. */
export function seriesPartEnd(bytes: Uint8Array, start: number): number {
  const { length } = bytes;
  for (let at = start; at < length; at += 1) {
    const byte = bytes[at] ?? LF;
    if (byte > BACKSLASH || (byte > SPACE && byte < BACKSLASH)) continue;
    if (byte === BACKSLASH) {
      if (bytes[at + 1] === SPACE) at += 1;
    } else if (byte === LF || isBlank(byte)) {
      return at;
    }
  }
  return length;
}

/** @param end from `seriesPartEnd` */
export function readSeriesPart(bytes: Buffer, start: number, end: number): SeriesPart {
  const nameEnd = tokenEnd(bytes, start, end, false);
  const name = unescapeName(bytes.toString('utf8', start, nameEnd));
  const tags: [string, string][] = [];
  const give = (problem?: Problem): SeriesPart => ({
    name,
    tags: internTags(Object.fromEntries(tags)),
    ...(problem === undefined ? {} : { problem }),
  });
  if (nameEnd === start) return give({ message: 'expected a measurement name', at: start });
  const control = controlAt(bytes, start, end);
  if (control !== undefined) return give(control);

  for (let at = nameEnd; at < end;) {
    const keyEnd = tokenEnd(bytes, at + 1, end, true);
    if (keyEnd === at + 1 || bytes[keyEnd] !== EQUALS) return give({ message: EXPECTED_TAG, at: at + 1 });
    const valueEnd = tokenEnd(bytes, keyEnd + 1, end, true);
    if (valueEnd === keyEnd + 1) return give({ message: 'expected a tag value', at: valueEnd });
    if (bytes[valueEnd] === EQUALS) return give({ message: 'expected a comma or a blank after the tag', at: valueEnd });
    tags.push([
      unescapeKey(bytes.toString('utf8', at + 1, keyEnd)),
      unescapeKey(bytes.toString('utf8', keyEnd + 1, valueEnd)),
    ]);
    at = valueEnd;
  }
  return give();
}

/** A control character between `start` and `end`, where a name, tags or a field key are. */
export function controlAt(bytes: Uint8Array, start: number, end: number): Problem | undefined {
  const at = bytes.subarray(start, end).findIndex(isControl);
  return at < 0 ? undefined : { message: 'control characters are allowed in strings only', at: start + at };
}

/** Offset of the next unescaped comma (or `=`, if it delimits here), at most `end`. */
function tokenEnd(bytes: Uint8Array, start: number, end: number, isEqualsDelimiter: boolean): number {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === COMMA || (isEqualsDelimiter && byte === EQUALS)) return at;
    if (byte === BACKSLASH && isEscapable(bytes[at + 1])) at += 1;
  }
  return end;
}
