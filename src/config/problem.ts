/** Problems of a configuration, and how they are printed: place, message, the line with a caret, and a hint. */
import { ConfigError } from '../core/errors.ts';

import type { Location, Path } from './source.ts';

export interface Problem {
  /** Path of the file; empty for a configuration that is not from a file. */
  readonly file: string;
  /** Counted from 1; `undefined` where only the file is known. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** Dotted, e.g. `inputs.0.cpu.percpu`. Empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly sourceLine: string | undefined;
  /** Number of underlined characters, at least 1. */
  readonly length: number;
}

/** Carries every problem of a configuration, ordered by file and line. */
export class InvalidConfig extends ConfigError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(formatHeadline).join('\n'), options);
    this.problems = problems;
  }
}

export interface Complaint {
  readonly message: string;
  readonly hint?: string | undefined;
}

export function problemAt(location: Location, path: Path, { message, hint }: Complaint): Problem {
  return { ...location, path: path.join('.'), message, hint };
}

/** By file in the order they were read, then by position. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map(({ file }) => file))];
  return [...problems].sort(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}

/** Text to print, without a newline at the end. */
export function formatProblems(
  problems: readonly Problem[],
  { color = false }: { readonly color?: boolean } = {},
): string {
  return problems.map((problem) => formatProblem(problem, color ? ANSI : PLAIN)).join('\n\n');
}

interface Paint {
  readonly place: (text: string) => string;
  readonly caret: (text: string) => string;
  readonly hint: (text: string) => string;
}

const plain = (text: string) => text;
const sgr = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const PLAIN: Paint = { place: plain, caret: plain, hint: plain };
const ANSI: Paint = { place: sgr(1), caret: sgr(31), hint: sgr(36) };

/** Longer lines are cut around the position, so that the caret stays on the screen. Characters. */
const WINDOW = 100;

function formatProblem(problem: Problem, paint: Paint): string {
  const { message, hint, line, column, sourceLine } = problem;
  const place = formatPlace(problem);
  const rows = [place === '' ? printable(message) : `${paint.place(`${place}:`)} ${printable(message)}`];
  if (sourceLine !== undefined && line !== undefined && column !== undefined) {
    const start = column - 1 < WINDOW - 20 ? 0 : column - 1 - WINDOW / 2;
    const shown = printable(sourceLine.slice(start, start + WINDOW));
    const margin = ' '.repeat(String(line).length);
    const length = Math.max(1, Math.min(problem.length, shown.length - (column - 1 - start)));
    rows.push(
      ` ${line} | ${start > 0 ? '…' : ''}${shown}`.trimEnd(),
      ` ${margin} | ${' '.repeat(column - 1 - start + (start > 0 ? 1 : 0))}${paint.caret('^'.repeat(length))}`,
    );
  }
  if (hint !== undefined) rows.push(paint.hint(`   = ${printable(hint)}`));
  return rows.join('\n');
}

function formatHeadline(problem: Problem): string {
  const place = formatPlace(problem);
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
  return printable(`${place === '' ? '' : `${place}: `}${problem.message}${hint}`);
}

function formatPlace({ file, line, column, path }: Problem): string {
  if (line === undefined) return printable(file === '' || path === '' ? file : `${file} (${path})`);
  return printable(`${file}:${line}${column === undefined ? '' : `:${column}`}`);
}

/** Replaces each control character, which a terminal would obey, by one harmless character, so that columns still match. */
function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '·');
}
