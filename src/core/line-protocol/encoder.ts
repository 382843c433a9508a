import type { FieldValue, Metric, Tags } from '../metric.ts';
import { BACKSLASH, COMMA, LOWER_I, QUOTE, SPACE } from './ascii.ts';
import { escapeKey, escapeName, escapeString } from './escape.ts';
import { MAX_SHORT_NUMBER, plainDecimal, writeInteger, writeShortFloat } from './number-writer.ts';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const NOTHING = new Uint8Array(0);

/** Names of one tag set, and field names of the process. Real ones stay far below; what comes from outside may not. */
const CACHE_LIMIT = 10_000;
/** A buffer that one huge batch blew up is not kept for the next. */
const KEPT_CAPACITY = 4 * 1024 * 1024;

/** `measurement,tags`, encoded, for each frozen tag set. One that is not frozen could change, and is encoded each time. */
const prefixes = new WeakMap<Tags, Map<string, Uint8Array>>();
/** `key=`, encoded. */
const keys = new Map<string, Uint8Array>();

/**
 * Writes metrics as line protocol into a buffer that it keeps: no string and no object is made for a line whose series
 * was seen before. Each line ends with a newline.
 */
export class LineEncoder {
  #out: Buffer;
  #length = 0;
  #lines = 0;
  #skipped = 0;
  /** Metrics of one gather share their time, so its text is kept. */
  #time: bigint | undefined;
  #timeText: Uint8Array = NOTHING;

  /** @param capacity bytes to begin with, at least 1; the buffer grows as needed */
  constructor(capacity = 16 * 1024) {
    this.#out = Buffer.allocUnsafeSlow(capacity);
  }

  /** Lines written since the last `take`. */
  get lines(): number {
    return this.#lines;
  }

  /** Bytes written since the last `take`. */
  get bytes(): number {
    return this.#length;
  }

  /** Metrics left out since the last `take`, because no line can hold them (see `add`). */
  get skipped(): number {
    return this.#skipped;
  }

  /**
   * Adds one line. Fields that are not finite are left out, integers beyond 64 bits are written as the nearest one that
   * is not, and names are brought into the normal form described in `escape.ts`.
   *
   * @returns false if the metric has no name, no field that can be written, or a time beyond 64 bits; it is skipped
   */
  add(metric: Metric): boolean {
    const start = this.#length;
    const prefix = seriesPrefix(metric.name, metric.tags);
    this.#append(prefix);
    const fieldsStart = this.#length;
    const { fields } = metric;
    for (const key in fields) this.#field(key, fields[key], this.#length === fieldsStart ? SPACE : COMMA);

    const time = this.#timeBytes(metric.time);
    if (prefix.length === 0 || time.length === 0 || this.#length === fieldsStart) {
      this.#length = start;
      this.#skipped += 1;
      return false;
    }
    this.#append(time);
    this.#lines += 1;
    return true;
  }

  /** What was written, in an array of its own. The encoder is empty afterwards. */
  take(): Uint8Array {
    const lines = new Uint8Array(this.#length);
    lines.set(this.#out.subarray(0, this.#length));
    this.#length = 0;
    this.#lines = 0;
    this.#skipped = 0;
    if (this.#out.length > KEPT_CAPACITY) this.#out = Buffer.allocUnsafeSlow(KEPT_CAPACITY);
    return lines;
  }

  #field(name: string, value: FieldValue | undefined, separator: number): void {
    const key = encodedKey(name);
    if (key.length === 0) return;
    const start = this.#length;
    this.#reserve(1 + key.length + MAX_SHORT_NUMBER);
    this.#out[start] = separator;
    this.#length = copy(this.#out, start + 1, key);
    if (!this.#value(value)) this.#length = start;
  }

  /** Room for a short number has been made. */
  #value(value: FieldValue | undefined): boolean {
    switch (typeof value) {
      case 'number':
        return this.#float(value);
      case 'bigint':
        this.#integer(value);
        return true;
      case 'boolean':
        this.#text(value ? 'true' : 'false');
        return true;
      case 'string':
        this.#string(value);
        return true;
      default:
        return false;
    }
  }

  #float(value: number): boolean {
    const end = writeShortFloat(this.#out, this.#length, value);
    if (end >= 0) {
      this.#length = end;
      return true;
    }
    if (!Number.isFinite(value)) return false;
    this.#text(plainDecimal(value));
    return true;
  }

  #integer(value: bigint): void {
    // Rounding to a double is monotonic, so a safe result means that nothing was rounded.
    const near = Number(value);
    if (Number.isSafeInteger(near)) this.#length = writeInteger(this.#out, this.#length, near);
    else this.#text((value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : value).toString());
    this.#reserve(1);
    this.#out[this.#length++] = LOWER_I;
  }

  #string(value: string): void {
    this.#reserve(2 * value.length + 2);
    const out = this.#out;
    let at = this.#length;
    out[at++] = QUOTE;
    for (let i = 0; i < value.length; i += 1) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        this.#text(`"${escapeString(value)}"`);
        return;
      }
      if (code === QUOTE || code === BACKSLASH) out[at++] = BACKSLASH;
      out[at++] = code;
    }
    out[at++] = QUOTE;
    this.#length = at;
  }

  #text(text: string): void {
    this.#reserve(3 * text.length);
    this.#length += this.#out.write(text, this.#length);
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#length = copy(this.#out, this.#length, bytes);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#out.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#length + bytes));
    larger.set(this.#out.subarray(0, this.#length));
    this.#out = larger;
  }

  /** The end of a line: space, time, newline. Empty for a time that no line can hold. */
  #timeBytes(time: bigint): Uint8Array {
    if (time === this.#time) return this.#timeText;
    this.#time = time;
    this.#timeText = time > INT64_MAX || time < INT64_MIN ? NOTHING : Buffer.from(` ${time}\n`, 'latin1');
    return this.#timeText;
  }
}

/** All metrics as line protocol. Those that no line can hold are left out; use `LineEncoder` to learn how many. */
export function encodeLines(metrics: Iterable<Metric>): Uint8Array {
  const encoder = new LineEncoder();
  for (const metric of metrics) encoder.add(metric);
  return encoder.take();
}

const single = new LineEncoder(1024);

/**
 * One metric as a line without its newline.
 *
 * @throws RangeError if no line can hold it: no name, no finite field, or a time beyond 64 bits
 */
export function formatLine(metric: Metric): string {
  const isWritten = single.add(metric);
  const line = single.take();
  if (isWritten) return Buffer.from(line.buffer, 0, line.length - 1).toString();
  throw new RangeError(
    `Cannot write "${metric.name}" as line protocol; it needs a name, a finite field and a time within 64 bits`,
  );
}

/** Empty if nothing is left of the name. */
function seriesPrefix(name: string, tags: Tags): Uint8Array {
  const names = prefixes.get(tags);
  const known = names?.get(name);
  if (known !== undefined) return known;

  const prefix = encodePrefix(name, tags);
  if (names === undefined) {
    if (Object.isFrozen(tags)) prefixes.set(tags, new Map([[name, prefix]]));
  } else {
    if (names.size >= CACHE_LIMIT) names.clear();
    names.set(name, prefix);
  }
  return prefix;
}

function encodePrefix(name: string, tags: Tags): Uint8Array {
  const measurement = escapeName(name);
  if (measurement === '') return NOTHING;
  const parts = Object.entries(tags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [escapeKey(key), escapeKey(value)] as const)
    .filter(([key, value]) => key !== '' && value !== '')
    .map(([key, value]) => `,${key}=${value}`);
  return Buffer.from(measurement + parts.join(''));
}

function encodedKey(name: string): Uint8Array {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const escaped = escapeKey(name);
  const key = escaped === '' ? NOTHING : Buffer.from(`${escaped}=`);
  if (keys.size >= CACHE_LIMIT) keys.clear();
  keys.set(name, key);
  return key;
}

/** A call of `set` costs more than copying a few bytes by hand. */
function copy(out: Uint8Array, at: number, bytes: Uint8Array): number {
  const { length } = bytes;
  if (length > 48) out.set(bytes, at);
  else for (let i = 0; i < length; i += 1) out[at + i] = bytes[i] ?? 0;
  return at + length;
}
