import type { Fields, Metric, Tags } from '../metric.ts';
import { SeriesCache } from '../series.ts';
import { SPACE } from './ascii.ts';
import { escapeKey, escapeName, normalize } from './escape.ts';
import { valueRoom, writeValue } from './value-writer.ts';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const NOTHING = new Uint8Array(0);

/** Field names of the process. Real ones stay far below; what comes from outside may not. */
const CACHE_LIMIT = 10_000;
/** A buffer that one huge batch blew up is not kept for the next. */
const KEPT_CAPACITY = 4 * 1024 * 1024;

/** `measurement,tags`, encoded. Empty if nothing is left of the name. */
const prefixes = new SeriesCache(encodePrefix);
/** `,key=`, encoded. */
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

  /** @param capacity bytes to begin with; the buffer grows as needed */
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
  add({ name, tags, fields, time }: Metric): boolean {
    const prefix = prefixes.get(name, tags);
    const ending = this.#ending(time);
    this.#reserve(this.#length, prefix.length);
    const fieldsStart = copy(this.#out, this.#length, prefix);
    const fieldsEnd = this.#fields(fieldsStart, fields);
    if (prefix.length === 0 || ending.length === 0 || fieldsEnd === fieldsStart) {
      this.#skipped += 1;
      return false;
    }
    this.#out[fieldsStart] = SPACE;
    this.#reserve(fieldsEnd, ending.length);
    this.#length = copy(this.#out, fieldsEnd, ending);
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

  /** Writes `,key=value` for each field. Position and buffer are kept in variables: this is where the time goes. */
  #fields(start: number, fields: Fields): number {
    let out = this.#out;
    let at = start;
    for (const name in fields) {
      const value = fields[name];
      const key = encodedKey(name);
      const room = key.length + valueRoom(value);
      if (at + room > out.length) out = this.#reserve(at, room);
      const end = key.length === 0 ? -1 : writeValue(out, copy(out, at, key), value);
      if (end >= 0) at = end;
    }
    return at;
  }

  /** Makes room for `bytes` at `at`. */
  #reserve(at: number, bytes: number): Buffer {
    if (at + bytes <= this.#out.length) return this.#out;
    const larger = Buffer.allocUnsafeSlow(2 * (at + bytes));
    larger.set(this.#out.subarray(0, at));
    this.#out = larger;
    return larger;
  }

  /** The end of a line: space, time, newline. Empty for a time that no line can hold. */
  #ending(time: bigint): Uint8Array {
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
function encodePrefix(name: string, tags: Tags): Uint8Array {
  const measurement = escapeName(name);
  if (measurement === '') return NOTHING;
  // Sorted and made unique in normal form, so that what is read back and written again gives the same bytes.
  const normal = Object.entries(tags)
    .map(([key, value]) => [normalize(key), normalize(value)] as const)
    .filter(([key, value]) => key !== '' && value !== '');
  const parts = [...new Map(normal)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `,${escapeKey(key)}=${escapeKey(value)}`);
  return Buffer.from(measurement + parts.join(''));
}

/** Empty if nothing is left of the name. */
function encodedKey(name: string): Uint8Array {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const escaped = escapeKey(normalize(name));
  const key = escaped === '' ? NOTHING : Buffer.from(`,${escaped}=`);
  if (keys.size >= CACHE_LIMIT) keys.clear();
  keys.set(name, key);
  return key;
}

/** A call of `set` costs more than copying a few bytes by hand. */
function copy(out: Uint8Array, at: number, bytes: Uint8Array): number {
  const { length } = bytes;
  if (length > 24) out.set(bytes, at);
  else for (let i = 0; i < length; i += 1) out[at + i] = bytes[i] ?? 0;
  return at + length;
}
