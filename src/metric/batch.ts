/** A run of encoded lines on its way to an output. */
import { parseLines } from './line-protocol.ts';
import { lineEnd } from './line-protocol/scanner.ts';
import type { Metric } from './metric.ts';
import { joinToGzip, packLines, unpackLines, type PackedLines } from './packed-lines.ts';

const NEWLINE = 0x0a;
const QUOTE = 0x22;

/** Maximum size of one batch. */
export interface BatchLimits {
  readonly lines: number;
  /** Before compression. */
  readonly bytes: number;
}

/** Numbers of lines in the journal: the first, and the one after the last. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
}

export class LineBatch {
  readonly size: number;
  /** What the batch covers, with the lines that a filter has taken out; undefined if others of them follow. */
  readonly range: LineRange | undefined;
  #lines: Uint8Array | undefined;
  readonly #groups: readonly PackedLines[] | undefined;
  #gzip: Promise<Uint8Array> | undefined;

  /** @param size number of lines in `lines`, each ended by a newline */
  constructor(lines: Uint8Array, size: number, range?: LineRange);
  /** @internal */
  constructor(
    lines: Uint8Array | undefined,
    size: number,
    range: LineRange | undefined,
    groups: readonly PackedLines[],
  );
  constructor(lines: Uint8Array | undefined, size: number, range?: LineRange, groups?: readonly PackedLines[]) {
    this.#lines = lines;
    this.size = size;
    this.range = range;
    this.#groups = groups;
  }

  /** A batch of compressed groups, decompressed only on access to `lines`. */
  static ofPacked(groups: readonly PackedLines[], range?: LineRange): LineBatch {
    const size = groups.reduce((sum, group) => sum + group.size, 0);
    return new LineBatch(undefined, size, range, groups);
  }

  get lines(): Uint8Array {
    this.#lines ??= Buffer.concat((this.#groups ?? []).map((group) => group.lines ?? unpackLines(group)));
    return this.#lines;
  }

  gzip(): Promise<Uint8Array> {
    this.#gzip ??= this.#compress();
    return this.#gzip;
  }

  metrics(): Iterable<Metric> {
    return parseLines(this.lines).metrics;
  }

  /** The lines from `start` to `end` (exclusive), counted from 0. Shares memory with this batch. The last part has its range. */
  slice(start: number, end: number): LineBatch {
    const walk = new LineWalk(this.lines);
    for (let line = 0; line < start && !walk.isDone; line += 1) walk.next();
    const from = walk.offset;
    for (let line = start; line < end && !walk.isDone; line += 1) walk.next();
    const range = end >= this.size ? this.range : undefined;
    return new LineBatch(this.lines.subarray(from, walk.offset), end - start, range);
  }

  /** All lines but those at these positions. */
  without(positions: ReadonlySet<number>): LineBatch {
    const walk = new LineWalk(this.lines);
    const kept: Uint8Array[] = [];
    for (let [line, from] = [0, 0]; line < this.size && !walk.isDone; line += 1, from = walk.offset) {
      walk.next();
      if (!positions.has(line)) kept.push(this.lines.subarray(from, walk.offset));
    }
    return new LineBatch(Buffer.concat(kept), kept.length, this.range);
  }

  /** The first lines up to the limits, at least one. */
  head(limits: BatchLimits): LineBatch {
    const walk = new LineWalk(this.lines);
    let [size, offset] = [0, 0];
    while (size < Math.min(this.size, Math.max(1, limits.lines))) {
      walk.next();
      if (size > 0 && walk.offset > limits.bytes) break;
      size += 1;
      offset = walk.offset;
    }
    return new LineBatch(this.lines.subarray(0, offset), size);
  }

  /** The same lines; the first one has this number. */
  from(first: number): LineBatch {
    return new LineBatch(this.lines, this.size, { from: first, to: first + this.size });
  }

  /** Each line as text, without its newline. */
  *texts(): Generator<string> {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const walk = new LineWalk(this.lines);
    for (let from = 0; from < this.lines.length; from = walk.offset) {
      walk.next();
      yield decoder.decode(this.lines.subarray(from, walk.offset)).replace(/\n$/, '');
    }
  }

  async #compress(): Promise<Uint8Array> {
    return joinToGzip(this.#groups ?? [await packLines(this.lines, this.size)]);
  }
}

/** Steps from line to line. A line ends at its newline; newlines inside string fields do not count. */
class LineWalk {
  /** Start of the next line. */
  offset = 0;
  readonly #lines: Buffer;
  /** Offset of the next quote. Searching it from every line would take quadratic time, since most lines contain none. */
  #quote = -1;

  constructor(lines: Uint8Array) {
    this.#lines = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  }

  get isDone(): boolean {
    return this.offset >= this.#lines.length;
  }

  next(): void {
    const { offset } = this;
    const newline = this.#find(NEWLINE);
    if (this.#quote < offset) this.#quote = this.#find(QUOTE);
    const end = this.#quote < newline ? lineEnd(this.#lines, offset) : newline;
    this.offset = Math.min(end + 1, this.#lines.length);
  }

  #find(byte: number): number {
    const found = this.#lines.indexOf(byte, this.offset);
    return found === -1 ? this.#lines.length : found;
  }
}
