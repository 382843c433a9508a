/** A run of encoded lines on its way to an output. */
import { parseLines } from './line-protocol.ts';
import type { Metric } from './metric.ts';
import { joinToGzip, packLines, unpackLines, type PackedLines } from './packed-lines.ts';

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

export class LineBatch {
  readonly size: number;
  #lines: Uint8Array | undefined;
  readonly #groups: readonly PackedLines[] | undefined;
  #gzip: Promise<Uint8Array> | undefined;

  /** @param size the number of lines in `lines`, each of them ended by a newline */
  constructor(lines: Uint8Array, size: number);
  /** @internal */
  constructor(lines: Uint8Array | undefined, size: number, groups: readonly PackedLines[]);
  constructor(lines: Uint8Array | undefined, size: number, groups?: readonly PackedLines[]) {
    this.#lines = lines;
    this.size = size;
    this.#groups = groups;
  }

  /** A batch of groups that are compressed already; they are decompressed only when somebody asks for the lines. */
  static ofPacked(groups: readonly PackedLines[]): LineBatch {
    const size = groups.reduce((sum, group) => sum + group.size, 0);
    return new LineBatch(undefined, size, groups);
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

  /** The lines from position `start` up to, not including, `end`; counted from 0. Shares memory with this batch. */
  slice(start: number, end: number): LineBatch {
    let offset = 0;
    let from = 0;
    for (let line = 0; line < end && offset < this.lines.length; line += 1) {
      if (line === start) from = offset;
      offset = lineEnd(this.lines, offset);
    }
    return new LineBatch(this.lines.subarray(from, offset), end - start);
  }

  /** Each line as text, without its newline. */
  *texts(): Generator<string> {
    const decoder = new TextDecoder();
    for (let offset = 0; offset < this.lines.length;) {
      const end = lineEnd(this.lines, offset);
      yield decoder.decode(this.lines.subarray(offset, end)).replace(/\n$/, '');
      offset = end;
    }
  }

  async #compress(): Promise<Uint8Array> {
    return joinToGzip(this.#groups ?? [await packLines(this.lines, this.size)]);
  }
}

/** Where the line that starts at `offset` ends: after its newline. A string field may hold newlines of its own. */
function lineEnd(lines: Uint8Array, offset: number): number {
  const newline = lines.indexOf(NEWLINE, offset);
  if (newline === -1) return lines.length;
  const quote = lines.indexOf(QUOTE, offset);
  if (quote === -1 || quote > newline) return newline + 1;
  return quotedLineEnd(lines, offset);
}

/** Quotes mean something only in the field part, which begins at the first space that is not escaped. */
function quotedLineEnd(lines: Uint8Array, start: number): number {
  let inFields = false;
  let inString = false;
  for (let i = start; i < lines.length; i += 1) {
    const byte = lines[i];
    if (byte === BACKSLASH) i += 1;
    else if (byte === SPACE) inFields = true;
    else if (byte === QUOTE && inFields) inString = !inString;
    else if (byte === NEWLINE && !inString) return i + 1;
  }
  return lines.length;
}
