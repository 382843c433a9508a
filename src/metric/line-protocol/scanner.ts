import { BACKSLASH, COMMA, CR, EQUALS, HASH, isBlank, isDigit, isEscapable, LF, MINUS, QUOTE, SPACE } from './ascii.ts';
import { escapeKey, normalize } from './escape.ts';
import { NumberReader } from './number-reader.ts';
import type { SeriesIndex } from './series-index.ts';
import { seriesPartEnd } from './series-part.ts';

/** One line, located but not decoded. The object is reused for the next line. */
export interface ScannedLine<T> {
  /** The scanned bytes; all positions are offsets into them. */
  readonly lines: Buffer;
  /** First byte of the measurement. */
  readonly start: number;
  /** Position after the separator that ends the series part. */
  readonly fields: number;
  /** The newline, or the end of the bytes. */
  readonly end: number;
  /** What the index keeps for this series; undefined if the series part is malformed. */
  readonly series: T | undefined;
  /** End of the field part: where the time, a carriage return or trailing blanks begin. Searched on access. */
  readonly fieldsEnd: number;
  /**
   * The value of a numeric field, searched on each call; undefined if the line has no such field. Of a repeated field the first
   * value counts.
   *
   * @param key from `fieldKey`
   */
  number(key: Uint8Array): number | undefined;
}

/** A field name for `ScannedLine.number`: encoded, with its `=`. */
export function fieldKey(name: string): Uint8Array {
  return Buffer.from(`${escapeKey(normalize(name))}=`);
}

/**
 * Visits every line that is neither blank nor a comment. Validates only the series part: lines from outside go through
 * `parseLines` once.
 */
export function scanLines<T>(lines: Uint8Array, index: SeriesIndex<T>, visit: (line: ScannedLine<T>) => void): void {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  const view = new DataView(lines.buffer, lines.byteOffset, lines.byteLength);
  const line = new Line<T>(bytes);
  // Most lines contain no string. The next quote is searched once; before it, a line ends at the next newline.
  let quote = -1;
  for (let at = lineStart(bytes, 0); at < bytes.length; at = lineStart(bytes, line.end + 1)) {
    const entry = index.find(bytes, view, at);
    const fields = entry === undefined ? Math.min(seriesPartEnd(bytes, at) + 1, bytes.length) : at + entry.length;
    let end = indexOf(bytes, LF, entry === undefined ? at : fields);
    if (quote < fields) quote = indexOf(bytes, QUOTE, fields);
    if (quote < end) end = endAroundStrings(bytes, fields, end, quote);
    line.set(at, Math.min(fields, end), end, entry?.value);
    visit(line);
  }
}

/** Offset of the first byte of a line, after blanks, empty lines and comments. */
export function lineStart(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === HASH) at = indexOf(bytes, LF, at);
    else if (byte !== LF && !isBlank(byte) && !isCarriageReturn(bytes, at)) return at;
  }
  return bytes.length;
}

/** A carriage return that belongs to the end of the line. */
export function isCarriageReturn(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === CR && (at + 1 === bytes.length || bytes[at + 1] === LF);
}

/**
 * Offset of the newline that ends the line, or of the end of the bytes. Newlines inside strings do not count. An unclosed
 * string ends at its first newline, so that one broken line does not swallow the rest.
 */
export function lineEnd(bytes: Buffer, start: number): number {
  for (let at = seriesPartEnd(bytes, start); at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === LF) return at;
    if (byte === BACKSLASH && isEscapable(bytes[at + 1])) at += 1;
    else if (byte === EQUALS && bytes[at + 1] === QUOTE) {
      const close = stringEnd(bytes, at + 2);
      if (close < 0) return indexOf(bytes, LF, at);
      at = close;
    }
  }
  return bytes.length;
}

/**
 * Does the same as `lineEnd` with native searches. Only for a scan that keeps track of the next quote: searching it from
 * every line would make an input without quotes quadratic.
 *
 * @param newline first newline after `fields`
 * @param firstQuote first quote after `fields`
 */
function endAroundStrings(bytes: Buffer, fields: number, newline: number, firstQuote: number): number {
  let end = newline;
  for (let quote = firstQuote; quote < end;) {
    const opens = quote > fields && bytes[quote - 1] === EQUALS && bytes[quote - 2] !== BACKSLASH;
    const close = opens ? stringEnd(bytes, quote + 1) : quote;
    if (close < 0) return end;
    if (close > end) end = indexOf(bytes, LF, close);
    quote = indexOf(bytes, QUOTE, close + 1);
  }
  return end;
}

/**
 * Offset of the quote that closes a string, or -1.
 *
 * Calling this for every string of an input is still linear: if a string is unclosed, no later quote can open another one,
 * since it would have closed the first.
 *
 * @param start position after the opening quote
 */
export function stringEnd(bytes: Buffer, start: number): number {
  let quote = bytes.indexOf(QUOTE, start);
  while (quote >= 0 && isEscapedQuote(bytes, start, quote)) quote = bytes.indexOf(QUOTE, quote + 1);
  return quote;
}

/** A quote is escaped by an odd number of backslashes before it. */
function isEscapedQuote(bytes: Uint8Array, start: number, quote: number): boolean {
  let first = quote;
  while (first > start && bytes[first - 1] === BACKSLASH) first -= 1;
  return (quote - first) % 2 === 1;
}

/** Like `indexOf`, but returns the length if there is none. */
function indexOf(bytes: Buffer, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from);
  return found < 0 ? bytes.length : found;
}

class Line<T> implements ScannedLine<T> {
  readonly lines: Buffer;
  start = 0;
  fields = 0;
  end = 0;
  series: T | undefined;

  constructor(lines: Buffer) {
    this.lines = lines;
  }

  set(start: number, fields: number, end: number, series: T | undefined): void {
    this.start = start;
    this.fields = fields;
    this.end = end;
    this.series = series;
  }

  get fieldsEnd(): number {
    const { lines, fields } = this;
    const isSpace = (at: number) => isBlank(lines[at]) || lines[at] === CR;
    let end = this.end;
    while (end > fields && isSpace(end - 1)) end -= 1;

    // Only a token of digits, between a separator and the end, is a time: `a="b 1"` ends with a quote.
    let time = end;
    while (time > fields && isDigit(lines[time - 1])) time -= 1;
    if (lines[time - 1] === MINUS) time -= 1;
    if (time === end || time <= fields || !isBlank(lines[time - 1]) || lines[time - 2] === BACKSLASH) return end;
    while (time > fields && isBlank(lines[time - 1])) time -= 1;
    return time;
  }

  number(key: Uint8Array): number | undefined {
    const { lines, end } = this;
    let at = this.fields;
    while (at < end && isBlank(lines[at])) at += 1;
    while (at >= 0 && at < end) {
      if (hasKey(lines, at, end, key)) return numberAt(lines, at + key.length, end);
      at = nextField(lines, at, end);
    }
    return undefined;
  }
}

function hasKey(lines: Uint8Array, at: number, end: number, key: Uint8Array): boolean {
  if (at + key.length > end) return false;
  for (let i = 0; i < key.length; i += 1) {
    if (lines[at + i] !== key[i]) return false;
  }
  return true;
}

/** First byte of the field after the one at `from`, or -1 after the last field. */
function nextField(lines: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    const byte = lines[at];
    if (byte === COMMA) return at + 1;
    if (byte === SPACE || isBlank(byte)) return -1;
    if (byte === BACKSLASH && isEscapable(lines[at + 1])) at += 1;
    else if (byte === EQUALS && lines[at + 1] === QUOTE) {
      const close = stringEnd(lines, at + 2);
      if (close < 0) return -1;
      at = close;
    }
  }
  return -1;
}

const numbers = new NumberReader();

function numberAt(lines: Buffer, at: number, end: number): number | undefined {
  if (!numbers.read(lines, at)) return undefined;
  const next = numbers.end < end ? lines[numbers.end] : LF;
  const isWhole = next === COMMA || next === LF || next === CR || isBlank(next);
  return isWhole ? numbers.value : undefined;
}
