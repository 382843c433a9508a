import type { Fields, Metric, Tags } from '../metric.ts';
import { SeriesCache } from '../series.ts';
import { SPACE } from './ascii.ts';
import { escapeKey, escapeName, normalize, normalizeKeys } from './escape.ts';
import { layoutOf, type FieldLayout } from './field-layout.ts';
import { valueRoom, writeValue } from './value-writer.ts';
import { packWords, WORD, writeWords } from './word-writer.ts';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** Larger buffers, grown for one huge batch, are not kept. Bytes. */
const KEPT_CAPACITY = 4 * 1024 * 1024;

/** What is kept for each series. */
interface SeriesState {
  /** `measurement,tags`, encoded. Empty if the normalized name is empty. */
  readonly prefix: Text;
  /** Of the fields in the series' previous line. */
  layout: FieldLayout;
}

interface Text {
  readonly words: Int32Array;
  /** In bytes. */
  readonly length: number;
}

const EMPTY: Text = { words: new Int32Array(0), length: 0 };
const NO_FIELDS = layoutOf({});

const series = new SeriesCache<SeriesState>((name, tags) => ({ prefix: encodePrefix(name, tags), layout: NO_FIELDS }));

/**
 * Writes metrics as line protocol into a reused buffer: a line of a known series allocates no string and no object. Each
 * line ends with a newline.
 */
export class LineEncoder {
  #out: DataView;
  #length = 0;
  #lines = 0;
  #skipped = 0;
  /** Metrics of one gather share their time, so its text is cached. */
  #time: bigint | undefined;
  #ending = EMPTY;

  /** @param capacity initial size in bytes; the buffer grows as needed */
  constructor(capacity = 16 * 1024) {
    this.#out = allocate(capacity);
  }

  /** Lines written since the last `take`. */
  get lines(): number {
    return this.#lines;
  }

  /** Bytes written since the last `take`. */
  get bytes(): number {
    return this.#length;
  }

  /** Metrics skipped since the last `take` because no line can represent them (see `add`). */
  get skipped(): number {
    return this.#skipped;
  }

  /**
   * Adds one line. Omits fields that are not finite, clamps integers to 64 bits, and normalizes names as described in
   * `escape.ts`.
   *
   * @returns false if the metric was skipped: no name, no field that can be written, or a time beyond 64 bits
   */
  add({ name, tags, fields, time }: Metric): boolean {
    const state = series.get(name, tags);
    const { prefix } = state;
    if (time !== this.#time) this.#setTime(time);
    const ending = this.#ending;

    this.#reserve(this.#length, prefix.words.length * WORD);
    const fieldsStart = writeText(this.#out, this.#length, prefix);
    let end = this.#fields(fieldsStart, fields, state.layout);
    if (end < 0) {
      state.layout = layoutOf(fields);
      end = this.#fields(fieldsStart, fields, state.layout);
    }
    if (prefix.length === 0 || ending.length === 0 || end === fieldsStart) {
      this.#skipped += 1;
      return false;
    }
    this.#reserve(end, ending.words.length * WORD);
    this.#out.setUint8(fieldsStart, SPACE);
    this.#length = writeText(this.#out, end, ending);
    this.#lines += 1;
    return true;
  }

  /** The bytes written so far, copied; empties the encoder. */
  take(): Uint8Array {
    const lines = new Uint8Array(this.#length);
    lines.set(new Uint8Array(this.#out.buffer, 0, this.#length));
    this.#length = 0;
    this.#lines = 0;
    this.#skipped = 0;
    if (this.#out.byteLength > KEPT_CAPACITY) this.#out = allocate(KEPT_CAPACITY);
    return lines;
  }

  /**
   * Writes `,key=value` for each field. The encoder's hottest loop: it keeps its state in local variables.
   *
   * @returns the position after them, or -1 if the names differ from the layout
   */
  #fields(start: number, fields: Fields, { names, words, starts, lengths, room }: FieldLayout): number {
    let out = this.#out;
    let at = start;
    let i = 0;
    for (const name in fields) {
      if (name !== names[i]) return -1;
      const value = fields[name];
      const bytes = room + valueRoom(value);
      if (at + bytes > out.byteLength) out = this.#reserve(at, bytes);
      const length = lengths[i] ?? 0;
      const end = length === 0 ? -1 : writeValue(out, writeWords(out, at, words, starts[i] ?? 0, length), value);
      if (end >= 0) at = end;
      i += 1;
    }
    return at;
  }

  /** Grows the buffer so that `bytes` fit at `at`. */
  #reserve(at: number, bytes: number): DataView {
    if (at + bytes <= this.#out.byteLength) return this.#out;
    const larger = allocate(2 * (at + bytes));
    new Uint8Array(larger.buffer).set(new Uint8Array(this.#out.buffer, 0, at));
    this.#out = larger;
    return larger;
  }

  /** The end of a line: space, time, newline. Empty for a time beyond 64 bits. */
  #setTime(time: bigint): void {
    this.#time = time;
    this.#ending = time > INT64_MAX || time < INT64_MIN ? EMPTY : toText(` ${time}\n`);
  }
}

/** All metrics as line protocol, without those that no line can represent; `LineEncoder.skipped` counts them. */
export function encodeLines(metrics: Iterable<Metric>): Uint8Array {
  const encoder = new LineEncoder();
  for (const metric of metrics) encoder.add(metric);
  return encoder.take();
}

const single = new LineEncoder(1024);

/**
 * One metric as a line without its newline.
 *
 * @throws RangeError if no line can represent it: no name, no finite field, or a time beyond 64 bits
 */
export function formatLine(metric: Metric): string {
  const isWritten = single.add(metric);
  const line = single.take();
  if (isWritten) return Buffer.from(line.buffer, 0, line.length - 1).toString();
  throw new RangeError(
    `Cannot write "${metric.name}" as line protocol; it needs a name, a finite field and a time within 64 bits`,
  );
}

/** Empty if the normalized name is empty. */
function encodePrefix(name: string, tags: Tags): Text {
  const measurement = escapeName(name);
  if (measurement === '') return EMPTY;
  const values = Object.entries(tags).filter(([, value]) => normalize(value) !== '');
  const keys = normalizeKeys(values.map(([key]) => key));
  // Normalized before sorting, so that parsing and encoding again gives the same bytes.
  const parts = values
    .map(([, value], index) => [keys[index] ?? '', normalize(value)] as const)
    .filter(([key]) => key !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `,${escapeKey(key)}=${escapeKey(value)}`);
  return toText(measurement + parts.join(''));
}

function toText(text: string): Text {
  const bytes = Buffer.from(text);
  return { words: packWords(bytes), length: bytes.length };
}

function writeText(out: DataView, at: number, { words, length }: Text): number {
  return length === 0 ? at : writeWords(out, at, words, 0, length);
}

function allocate(capacity: number): DataView {
  return new DataView(new ArrayBuffer(capacity));
}
