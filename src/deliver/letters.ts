/**
 * The format of dead-letter files: line protocol, with a comment above each group that names time, output and reason.
 *
 * ```
 * # 2026-01-31T12:00:00.000Z output=influxdb lines=2 reason="field type conflict"
 * cpu,host=a usage_idle="98" 1769860800000000000
 * mail text="one line of line protocol,
 * two lines of text" 1769860800000000000
 * ```
 *
 * The reason is a JSON string, so the comment is one line of text. `lines` counts lines of line protocol, not of text: a
 * string field may hold newlines, and even text that looks like a comment; only a parser that knows quotes
 * (`LineBatch.texts()`) finds the ends. A full disk or a crash may truncate a group; then the next comment follows without a
 * newline before it.
 */
import { LineBatch } from '../metric/batch.ts';
import { describeError } from '../core/errors.ts';
import { scanLines, SeriesIndex } from '../metric/line-protocol.ts';

import type { Refusal } from './isolate.ts';

/** Lines that were refused together. */
export interface LetterGroup {
  /** When, in ISO form. */
  readonly time: string;
  readonly output: string;
  readonly reason: string;
  /** Line protocol, each line ended by a newline. */
  readonly lines: Uint8Array;
  readonly size: number;
}

export interface Letters {
  readonly groups: readonly LetterGroup[];
  /** Lines without a newline: a truncated write. */
  readonly unfinished: number;
}

const HEADER = '# (\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z) output=(\\S+) lines=(\\d+) reason=("(?:[^"\\\\\\n]|\\\\.)*")\\r?\\n';

/** For lines above the first header, added by hand. No output can have this name. */
const UNKNOWN = { time: new Date(0).toISOString(), output: '-', reason: 'not known' };

/** Reads any file, also an edited or truncated one. */
export function parseLetters(bytes: Buffer): Letters {
  // One character per byte keeps the offsets.
  const text = bytes.toString('latin1');
  const groups: LetterGroup[] = [];
  let unfinished = 0;
  const take = ({ time, output, reason }: typeof UNKNOWN, start: number, end: number) => {
    const { lines, size, isUnfinished } = linesOf(bytes.subarray(start, end));
    if (size > 0) groups.push({ time, output, reason, lines, size });
    if (isUnfinished) unfinished += 1;
  };
  let header = nextHeader(text, 0);
  take(UNKNOWN, 0, header?.start ?? text.length);
  while (header !== undefined) {
    const end = endOfGroup(bytes, text, header);
    take(header, header.end, end);
    header = nextHeader(text, end);
  }
  return { groups, unfinished };
}

interface Header {
  readonly time: string;
  readonly output: string;
  readonly reason: string;
  /** Lines in the group. */
  readonly count: number;
  readonly start: number;
  /** Where the lines begin. */
  readonly end: number;
}

/** Anywhere, not only at the start of a line: a truncated write leaves no newline before it. */
function nextHeader(text: string, from: number, flags: 'g' | 'y' = 'g'): Header | undefined {
  const pattern = new RegExp(HEADER, flags);
  pattern.lastIndex = from;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [all, time = '', output = '', count = '', reason = ''] = match;
  const [start, end] = [match.index, match.index + all.length];
  return { time, output: utf8(output), reason: readReason(utf8(reason)), count: Number(count), start, end };
}

/** `x v=1` and its newline. */
const LEAST_LINE_BYTES = 6;

/**
 * Takes the header's count if it leads to another header or to the end, because a string may look like a header. Otherwise
 * the file was edited or truncated, and the next header ends the group.
 */
function endOfGroup(bytes: Buffer, text: string, { end: start, count }: Header): number {
  // Not walked for every header of a file whose counts are all too large.
  if (count * LEAST_LINE_BYTES > bytes.length - start) return nextHeader(text, start)?.start ?? text.length;
  const written = new LineBatch(bytes.subarray(start), count).slice(0, count).lines;
  const end = start + written.length;
  const isWhole = linesOf(written).size === count;
  if (isWhole && (end === text.length || nextHeader(text, end, 'y') !== undefined)) return end;
  return nextHeader(text, start)?.start ?? text.length;
}

/** @param now milliseconds since the Unix epoch */
export function letterOf(output: string, { lines, reason }: Refusal, now: number): LetterGroup {
  return {
    time: new Date(now).toISOString(),
    output,
    reason: describeError(reason),
    lines: Buffer.from(lines.map((line) => `${line}\n`).join('')),
    size: lines.length,
  };
}

export function formatLetters(groups: readonly LetterGroup[]): Buffer {
  return Buffer.concat(
    groups.flatMap(({ time, output, reason, lines, size }) => [
      Buffer.from(`# ${time} output=${output} lines=${size} reason=${JSON.stringify(reason)}\n`),
      lines,
    ]),
  );
}

export function linesIn(groups: readonly LetterGroup[]): number {
  return groups.reduce((sum, { size }) => sum + size, 0);
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}

function readReason(json: string): string {
  try {
    return String(JSON.parse(json));
  } catch {
    return json; // edited by hand: it is only shown
  }
}

interface Body {
  readonly lines: Uint8Array;
  readonly size: number;
  readonly isUnfinished: boolean;
}

/** Without comments, blank lines and an unfinished last line. */
function linesOf(bytes: Uint8Array): Body {
  const pieces: Uint8Array[] = [];
  let isUnfinished = false;
  scanLines(bytes, new SeriesIndex(() => undefined), (line) => {
    if (line.end < bytes.length) pieces.push(bytes.subarray(line.start, line.end + 1));
    else isUnfinished = true;
  });
  return { lines: Buffer.concat(pieces), size: pieces.length, isUnfinished };
}
