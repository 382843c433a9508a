/** A run of encoded lines on its way to an output. */
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';

import { parseLines } from './line-protocol.ts';
import type { Metric } from './metric.ts';

const gzipInThreadPool = promisify(gzip);

/** Level 1: a level 6 stream is 15 % smaller and costs twice the CPU, which is the agent's largest single cost. */
const COMPRESSION = { level: 1 };

/** Below this, compressing takes less than the round trip through the thread pool (and blocks for at most 0.3 ms). */
const SMALL_BYTES = 64 * 1024;

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

export class LineBatch {
  readonly size: number;
  readonly lines: Uint8Array;
  #gzip: Promise<Uint8Array> | undefined;

  /** @param size the number of lines in `lines`, each of them ended by a newline */
  constructor(lines: Uint8Array, size: number) {
    this.lines = lines;
    this.size = size;
  }

  gzip(): Promise<Uint8Array> {
    this.#gzip ??=
      this.lines.length < SMALL_BYTES
        ? Promise.resolve(gzipSync(this.lines, COMPRESSION))
        : gzipInThreadPool(this.lines, COMPRESSION);
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
