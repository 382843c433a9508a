import { LF } from './ascii.ts';

/** A line that was refused. */
export interface LineError {
  /** `3:12: expected a number` */
  readonly message: string;
  /** Counted from 1. */
  readonly line: number;
  /** Byte of the problem within the line, counted from 1. */
  readonly column: number;
  /** The line, or the part of it around the problem; at most 1024 bytes of the input. */
  readonly excerpt: string;
}

const EXCERPT_BYTES = 1024;
/** Bounds the memory for an input of nothing but bad lines. */
const MAX_ERRORS = 1000;

/** Collects the errors of one input, in ascending order of their offsets. */
export class LineErrorLog {
  readonly errors: LineError[] = [];
  readonly #bytes: Buffer;
  #count = 0;
  /** Line at `#lineStart`: newlines are counted from there, so that all errors together cost one pass. */
  #line = 1;
  #lineStart = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** All errors, including those after `errors` was full. */
  get count(): number {
    return this.#count;
  }

  /**
   * @param start offset of the line
   * @param at offset of the problem
   */
  add(start: number, at: number, problem: string): void {
    this.#count += 1;
    if (this.errors.length >= MAX_ERRORS) return;
    this.#goTo(at);
    const column = at - this.#lineStart + 1;
    const from = at - start < EXCERPT_BYTES ? start : at - EXCERPT_BYTES / 2;
    const newline = this.#bytes.indexOf(LF, at);
    const end = Math.min(newline < 0 ? this.#bytes.length : newline, from + EXCERPT_BYTES);
    this.errors.push({
      message: `${this.#line}:${column}: ${problem}`,
      line: this.#line,
      column,
      excerpt: this.#bytes.toString('utf8', from, end),
    });
  }

  #goTo(at: number): void {
    for (;;) {
      const newline = this.#bytes.indexOf(LF, this.#lineStart);
      if (newline < 0 || newline >= at) return;
      this.#line += 1;
      this.#lineStart = newline + 1;
    }
  }
}
