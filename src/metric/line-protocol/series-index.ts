import type { Tags } from '../metric.ts';
import { readSeriesPart, seriesPartEnd } from './series-part.ts';

const DEFAULT_LIMIT = 100_000;

/** What is kept for one spelling of a series, looked up by its bytes. */
export interface SeriesEntry<T> {
  readonly value: T;
  /** Length of the series part and the separator after it. */
  readonly length: number;
  /**
   * These bytes as little-endian words; the last word overlaps the one before, so that no bytes are left over. Of fewer than four bytes,
   * each by itself.
   */
  readonly words: Int32Array;
  /** The series that followed last time. */
  next: SeriesEntry<T> | undefined;
}

/**
 * Looks up a series by the bytes at the beginning of a line, without decoding them.
 *
 * Agents send the same series in the same order, so each entry remembers its successor. For nine of ten lines the bytes are
 * compared with one candidate, a word at a time; neither the end of the part is searched nor a hash computed.
 *
 * The index is bounded: a full index is cleared, and of two series with the same hash the later one is kept. Input crafted to
 * collide therefore costs no more than having no index.
 */
export class SeriesIndex<T> {
  readonly #describe: (name: string, tags: Tags) => T;
  readonly #limit: number;
  readonly #entries = new Map<number, SeriesEntry<T>>();
  #last: SeriesEntry<T> | undefined;

  /**
   * @param describe makes the value of a new series
   * @param limit maximum number of series, at least 1; default 100 000
   */
  constructor(describe: (name: string, tags: Tags) => T, limit: number = DEFAULT_LIMIT) {
    this.#describe = describe;
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * @param view of the same bytes
   * @param start first byte of the measurement
   * @returns undefined unless a well-formed series, followed by a separator, begins there
   */
  find(bytes: Buffer, view: DataView, start: number): SeriesEntry<T> | undefined {
    const predicted = this.#last?.next;
    if (predicted !== undefined && beginsWith(view, start, predicted)) {
      this.#last = predicted;
      return predicted;
    }
    const found = this.#search(bytes, view, start);
    if (found === undefined) return undefined;
    if (this.#last !== undefined) this.#last.next = found;
    this.#last = found;
    return found;
  }

  #search(bytes: Buffer, view: DataView, start: number): SeriesEntry<T> | undefined {
    const end = seriesPartEnd(bytes, start);
    const hash = hashOf(bytes, start, end);
    const known = this.#entries.get(hash);
    if (known !== undefined && beginsWith(view, start, known)) return known;
    if (end >= bytes.length || bytes[end] === 0x0a) return undefined;

    const { name, tags, problem } = readSeriesPart(bytes, start, end);
    if (problem !== undefined) return undefined;
    const entry = createEntry(view, start, end + 1 - start, this.#describe(name, tags));
    if (this.#entries.size >= this.#limit) {
      this.#entries.clear();
      this.#last = undefined;
    }
    this.#entries.set(hash, entry);
    return entry;
  }
}

function createEntry<T>(view: DataView, start: number, length: number, value: T): SeriesEntry<T> {
  const words =
    length < 4
      ? Int32Array.from({ length }, (_, i) => view.getUint8(start + i))
      : Int32Array.from({ length: Math.ceil(length / 4) }, (_, i) =>
          view.getInt32(start + Math.min(4 * i, length - 4), true),
        );
  return { value, length, words, next: undefined };
}

function beginsWith<T>(view: DataView, start: number, { words, length }: SeriesEntry<T>): boolean {
  if (start + length > view.byteLength) return false;
  if (length < 4) return words.every((byte, i) => view.getUint8(start + i) === byte);
  const last = words.length - 1;
  for (let i = 0; i < last; i += 1) {
    if (view.getInt32(start + 4 * i, true) !== words[i]) return false;
  }
  return view.getInt32(start + length - 4, true) === words[last];
}

/** FNV-1a, 32 bits. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash;
}
