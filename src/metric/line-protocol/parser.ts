import { isUtf8 } from 'node:buffer';

import { nanoseconds, systemClock } from '../../core/clock.ts';
import { atOnce } from '../../core/turns.ts';
import type { Fields, FieldValue, Metric, Tags } from '../metric.ts';
import { BACKSLASH, COMMA, EQUALS, isBlank, isDigit, isEscapable, LF, MINUS, QUOTE } from './ascii.ts';
import { unescapeKey, unescapeString } from './escape.ts';
import { LineErrorLog, type LineError } from './line-error.ts';
import { NumberReader } from './number-reader.ts';
import { isCarriageReturn, lineEnd, lineStart, stringEnd } from './scanner.ts';
import { SeriesIndex } from './series-index.ts';
import { controlAt, readSeriesPart, seriesPartEnd } from './series-part.ts';

export type { LineError } from './line-error.ts';

export type Precision = keyof typeof UNITS | 'auto';

export interface ParseOptions {
  /** Time of lines that have none, nanoseconds since the Unix epoch, truncated to the precision. Default: now. */
  readonly defaultTime?: bigint | undefined;
  /** Unit of the times in the input; `auto` tells it from the size of each. Default: ns. */
  readonly precision?: Precision | undefined;
  /** Maximum number of metrics. Default: none. */
  readonly most?: number | undefined;
}

export interface ParsedLines {
  readonly metrics: Metric[];
  /** The first 1000, in the order of the input. */
  readonly errors: LineError[];
  /** Number of refused lines, including those without an entry in `errors`. */
  readonly refused: number;
  /** There are more metrics than `most`. */
  readonly isCut?: true;
}

/** A few milliseconds of work. */
const LINES_IN_STEP = 1000;

/** Nanoseconds in each unit. */
const UNITS = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
} as const;

/** Times below these, in the unit, are taken for it; as in InfluxDB 3 (`precision=auto`): up to the year 2128. */
const AUTO_LIMITS = [
  [5_000_000_000n, UNITS.s],
  [5_000_000_000_000n, UNITS.ms],
  [5_000_000_000_000_000n, UNITS.us],
] as const;

interface FieldKey {
  readonly name: string;
  /** Encoded, with the `=`. */
  readonly bytes: Uint8Array;
}

interface ParsedSeries {
  readonly name: string;
  readonly tags: Tags;
  /** Of the previous line. Agents send the same fields in the same order, so each key is compared with its predecessor. */
  readonly keys: FieldKey[];
}

/** Shared by all calls: listeners get many small bodies with the same series. */
const seriesIndex = new SeriesIndex<ParsedSeries>((name, tags) => ({ name, tags, keys: [] }));

/** By their bytes as Latin-1. Series of one measurement share them: a hub has thousands of series for each. */
const fieldKeys = new Map<string, FieldKey>();
const MAX_FIELD_KEYS = 10_000;

/**
 * Parses line protocol. Bad lines are reported and skipped; they do not affect the others. Takes time linear in the input and
 * never throws because of it.
 *
 * Integers become bigints, unsigned ones up to 2^64 − 1. Of a repeated field the last value counts. A line that is not valid
 * UTF-8 is refused: with its bytes replaced, different names would become one.
 */
export function parseLines(input: Uint8Array | string, options: ParseOptions = {}): ParsedLines {
  const bytes =
    typeof input === 'string' ? Buffer.from(input) : Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  return atOnce(new Parser(bytes, options).steps(Infinity));
}

/** The same for input of any size: to be done `inTurns`. */
export function parseLinesInSteps(input: Uint8Array, options: ParseOptions = {}): Generator<undefined, ParsedLines> {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  return new Parser(bytes, options).steps(LINES_IN_STEP);
}

/** The line is bad; `#problem` says why and `#at` where. Not an exception, because all lines may be bad. */
const FAILED = Symbol('failed');

/** Parser of one input. Its methods read at `#at` and advance it. */
class Parser {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  /** Undefined for `auto`. */
  readonly #unit: bigint | undefined;
  readonly #most: number;
  /** All of the input is valid UTF-8, so that no line need be checked. */
  readonly #isText: boolean;
  readonly #numbers = new NumberReader();
  readonly #errors: LineErrorLog;
  #defaultTime: bigint | undefined;
  #at = 0;
  #problem = '';

  /** Lines of a batch share few times: the digits of the last one, as two numbers, are compared before a bigint is made. */
  #timeHead = Number.NaN;
  #timeTail = Number.NaN;
  #time = 0n;

  constructor(bytes: Buffer, { defaultTime, precision = 'ns', most = Infinity }: ParseOptions) {
    this.#most = most;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#unit = precision === 'auto' ? undefined : UNITS[precision];
    this.#defaultTime = defaultTime === undefined ? undefined : this.#cut(defaultTime);
    this.#errors = new LineErrorLog(bytes);
    this.#isText = isUtf8(bytes);
  }

  /** @param size lines until the next pause */
  *steps(size: number): Generator<undefined, ParsedLines> {
    const bytes = this.#bytes;
    const metrics: Metric[] = [];
    let left = size;
    for (this.#at = lineStart(bytes, 0); this.#at < bytes.length; this.#at = lineStart(bytes, this.#at + 1)) {
      if (metrics.length >= this.#most) return { ...this.#result(metrics), isCut: true };
      left -= 1;
      if (left === 0) {
        left = size;
        yield;
      }
      const start = this.#at;
      const metric = this.#line();
      if (metric === FAILED) {
        this.#errors.add(start, this.#at, this.#problem);
        this.#at = lineEnd(bytes, start);
      } else {
        metrics.push(metric);
      }
    }
    return this.#result(metrics);
  }

  #result(metrics: Metric[]): ParsedLines {
    return { metrics, errors: this.#errors.errors, refused: this.#errors.count };
  }

  /** Reads up to the newline that ends the line. */
  #line(): Metric | typeof FAILED {
    const start = this.#at;
    const series = this.#series();
    if (series === FAILED) return FAILED;
    this.#skipBlanks();
    const fields = this.#fields(series.keys);
    if (fields === FAILED) return FAILED;
    this.#skipBlanks();
    const time = this.#atLineEnd() ? this.#now() : this.#timestamp();
    if (time === FAILED) return FAILED;
    if (!this.#isText && !isUtf8(this.#bytes.subarray(start, this.#at))) return this.#fail('not valid UTF-8', start);
    return { name: series.name, tags: series.tags, fields, time };
  }

  #series(): ParsedSeries | typeof FAILED {
    const start = this.#at;
    const entry = seriesIndex.find(this.#bytes, this.#view, start);
    if (entry !== undefined) {
      this.#at = start + entry.length;
      return entry.value;
    }
    const end = seriesPartEnd(this.#bytes, start);
    const { problem } = readSeriesPart(this.#bytes, start, end);
    return this.#fail(problem?.message ?? 'expected a tag or a field', problem?.at ?? end);
  }

  #fields(keys: FieldKey[]): Fields | typeof FAILED {
    const fields: Record<string, FieldValue> = {};
    for (let position = 0; ; position += 1) {
      const key = this.#key(keys, position);
      if (key === FAILED) return FAILED;
      const value = this.#value();
      if (value === FAILED) return FAILED;
      if (key.name === '__proto__') define(fields, key.name, value);
      else fields[key.name] = value;

      if (this.#bytes[this.#at] !== COMMA) break;
      this.#at += 1;
    }
    if (isBlank(this.#bytes[this.#at]) || this.#atLineEnd()) return fields;
    return this.#fail('expected a comma, a blank or the end of the line after the field', this.#at);
  }

  #key(keys: FieldKey[], position: number): FieldKey | typeof FAILED {
    const predicted = keys[position];
    if (predicted !== undefined && beginsWith(this.#bytes, this.#at, predicted.bytes)) {
      this.#at += predicted.bytes.length;
      return predicted;
    }
    const start = this.#at;
    const end = keyEnd(this.#bytes, start);
    if (end === start || this.#bytes[end] !== EQUALS) return this.#fail('expected a field, such as value=1', end);
    const control = controlAt(this.#bytes, start, end);
    if (control !== undefined) return this.#fail(control.message, control.at);
    const key = fieldKeyOf(this.#bytes, start, end);
    if (position < MAX_PREDICTED_FIELDS) keys[position] = key;
    this.#at = end + 1;
    return key;
  }

  #value(): FieldValue | typeof FAILED {
    const first = this.#bytes[this.#at];
    if (isDigit(first) || first === MINUS || first === 0x2e) return this.#number();
    if (first === QUOTE) return this.#string();
    return this.#boolean();
  }

  #number(): FieldValue | typeof FAILED {
    const numbers = this.#numbers;
    const start = this.#at;
    if (!numbers.read(this.#bytes, start)) return this.#fail('expected a number', numbers.end);
    this.#at = numbers.end;
    const value = numbers.kind === 'float' ? numbers.value : numbers.integer(this.#bytes);
    if (value === undefined || value === Infinity || value === -Infinity) {
      return this.#fail('the number is out of range', numbers.end);
    }
    return value;
  }

  #string(): string | typeof FAILED {
    const start = this.#at + 1;
    const end = stringEnd(this.#bytes, start);
    if (end < 0) return this.#fail('the string is never closed', this.#at);
    this.#at = end + 1;
    return unescapeString(this.#bytes.toString('utf8', start, end));
  }

  #boolean(): boolean | typeof FAILED {
    const start = this.#at;
    let end = start;
    // The longest is `false`; one byte more distinguishes `Truely` from `True`.
    while (end < start + 6 && isLetter(this.#bytes[end])) end += 1;
    const value = BOOLEANS.get(this.#bytes.toString('latin1', start, end));
    if (value === undefined) return this.#fail('expected a number, a boolean or a string in quotes', start);
    this.#at = end;
    return value;
  }

  #timestamp(): bigint | typeof FAILED {
    const bytes = this.#bytes;
    const start = this.#at;
    const first = bytes[start] === MINUS ? start + 1 : start;
    let end = first;
    while (end - first < 20 && isDigit(bytes[end])) end += 1;
    if (end === first) return this.#fail('expected a time', start);
    if (end - first > 19) return this.#fail('the time has more than 19 digits', end);
    this.#at = end;
    this.#skipBlanks();
    if (!this.#atLineEnd()) return this.#fail('expected the end of the line after the time', this.#at);
    return this.#timeFrom(start, end);
  }

  #timeFrom(start: number, end: number): bigint | typeof FAILED {
    const split = Math.max(start, end - 9);
    const head = digitsAt(this.#bytes, start, split);
    const tail = digitsAt(this.#bytes, split, end);
    if (head === this.#timeHead && tail === this.#timeTail) return this.#time;
    const given = BigInt(this.#bytes.toString('latin1', start, end));
    const time = given * (this.#unit ?? unitOf(given));
    if (BigInt.asIntN(64, time) !== time) return this.#fail('the time is out of range for its precision', end);
    this.#timeHead = head;
    this.#timeTail = tail;
    this.#time = time;
    return time;
  }

  #now(): bigint {
    return (this.#defaultTime ??= this.#cut(nanoseconds(systemClock.now())));
  }

  #cut(time: bigint): bigint {
    return time - (time % (this.#unit ?? UNITS.ns));
  }

  #skipBlanks(): void {
    while (isBlank(this.#bytes[this.#at])) this.#at += 1;
  }

  #atLineEnd(): boolean {
    if (isCarriageReturn(this.#bytes, this.#at)) this.#at += 1;
    return this.#at >= this.#bytes.length || this.#bytes[this.#at] === LF;
  }

  #fail(problem: string, at: number): typeof FAILED {
    this.#problem = problem;
    this.#at = at;
    return FAILED;
  }
}

/** Later fields are not predicted, so that one absurd line does not occupy memory forever. */
const MAX_PREDICTED_FIELDS = 256;

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['t', 'T', 'true', 'True', 'TRUE'].map((text) => [text, true] as const),
  ...['f', 'F', 'false', 'False', 'FALSE'].map((text) => [text, false] as const),
]);

/** Plain assignment to `__proto__` would set the prototype. */
function define(fields: Record<string, FieldValue>, name: string, value: FieldValue): void {
  Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true });
}

function isLetter(byte: number | undefined): boolean {
  const lower = (byte ?? 0) | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** @param end of the key, where its `=` is */
function fieldKeyOf(bytes: Buffer, start: number, end: number): FieldKey {
  const spelling = bytes.toString('latin1', start, end);
  const known = fieldKeys.get(spelling);
  if (known !== undefined) return known;
  const name = unescapeKey(bytes.toString('utf8', start, end));
  const key = { name, bytes: Uint8Array.prototype.slice.call(bytes, start, end + 1) };
  if (fieldKeys.size >= MAX_FIELD_KEYS) fieldKeys.clear();
  fieldKeys.set(spelling, key);
  return key;
}

function beginsWith(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let i = 0; i < key.length; i += 1) {
    if (bytes[at + i] !== key[i]) return false;
  }
  return true;
}

/** Offset of the `=` that ends a field key, or of the first byte that cannot be part of one. */
function keyEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === EQUALS || byte === COMMA || byte === LF || isBlank(byte)) break;
    if (byte === BACKSLASH && isEscapable(bytes[at + 1])) at += 1;
  }
  return Math.min(at, bytes.length);
}

function unitOf(time: bigint): bigint {
  const size = time < 0n ? -time : time;
  return AUTO_LIMITS.find(([limit]) => size < limit)?.[1] ?? UNITS.ns;
}

/** NaN, which equals nothing, for a minus or no digits: such a time never matches the cached one. */
function digitsAt(bytes: Uint8Array, start: number, end: number): number {
  let value = start === end || bytes[start] === MINUS ? Number.NaN : 0;
  for (let at = start; at < end; at += 1) value = value * 10 + (bytes[at] ?? 0) - 0x30;
  return value;
}
