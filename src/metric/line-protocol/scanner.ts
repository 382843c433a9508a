import { BACKSLASH, COMMA, CR, EQUALS, HASH, isBlank, isDigit, isEscapable, LF, MINUS, QUOTE, SPACE } from './ascii.ts';
import { escapeKey, normalize } from './escape.ts';
import { NumberReader } from './number-reader.ts';
import type { SeriesIndex } from './series-index.ts';
import { seriesPartEnd } from './series-part.ts';

/** One line, found but not decoded. The object is reused for the next line: copy what must last. */
export interface ScannedLine<T> {
  /** The bytes that are scanned; all positions are offsets into them. */
  readonly lines: Buffer;
  /** First byte of the measurement. */
  readonly start: number;
  /** Behind the separator that ends the series part. */
  readonly fields: number;
  /** The newline, or the end of the bytes. */
  readonly end: number;
  /** What the index keeps for this series; undefined if the line begins with no well-formed one. */
  readonly series: T | undefined;
  /** End of the field part: where the time, a carriage return or trailing blanks begin. Looked for when asked. */
  readonly fieldsEnd: number;
  /**
   * The value of a numeric field, looked for when asked, or undefined if the line has none of that name. If a line
   * repeats a field, the first one is given.
   *
   * @param key from `fieldKey`
   */
  number(key: Uint8Array): number | undefined;
}

/** A field name as `ScannedLine.number` wants it: encoded, with its `=`. */
export function fieldKey(name: string): Uint8Array {
  return Buffer.from(`${escapeKey(normalize(name))}=`);
}

/**
 * Visits every line that is neither blank nor a comment. Nothing is validated beyond the series part: lines that come
 * from outside go through `parseLines` once.
 */
export function scanLines<T>(lines: Uint8Array, index: SeriesIndex<T>, visit: (line: ScannedLine<T>) => void): void {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  const view = new DataView(lines.buffer, lines.byteOffset, lines.byteLength);
  const line = new Line<T>(bytes);
  // Most lines hold no string. The next quote is found once, and until then a line simply ends at the next newline.
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

/** Offset of the first byte that begins a line: blanks, empty lines and comments are passed over. */
export function lineStart(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === HASH) at = indexOf(bytes, LF, at);
    else if (byte !== LF && !isBlank(byte) && !(byte === CR && bytes[at + 1] === LF)) return at;
  }
  return bytes.length;
}

/**
 * Offset of the newline that ends the line, or of the end of the bytes. Newlines inside strings do not count; a string
 * that is never closed ends at its first newline, so that one broken line does not swallow all others.
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
 * The same as `lineEnd`, by native searches. Only for a scan that knows the next quote: searching it from every line would
 * make an input without quotes quadratic.
 *
 * @param newline the first one behind `fields`
 * @param firstQuote the first one behind `fields`
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
 * Asked for every string of an input this is still linear: while one is not closed, no quote behind it can open another,
 * for that would have closed it.
 *
 * @param start behind the opening quote
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

/** As `indexOf`, but the length where there is none. */
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

/** First byte of the field after the one at `from`, or -1 behind the last. */
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
