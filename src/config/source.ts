/** A parsed configuration that knows the position of each value. */

/** Keys and list positions from the root to a value. */
export type Path = readonly (string | number)[];

export interface Location {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly sourceLine: string | undefined;
  /** Characters of the value or key on that line, at least 1. */
  readonly length: number;
}

/** The key of a value, or the value itself. */
export type Part = 'key' | 'value';

export interface Source {
  /** Absolute path; empty for a configuration that is not from a file. */
  readonly file: string;
  readonly value: unknown;
  /** The position of a value; if it is missing, that of the nearest mapping or list around it. */
  locate(path: Path, part?: Part): Location;
}

/** Start and end, in characters from the beginning of the text. */
export type Range = readonly [start: number, end: number];

/** Finds a key or value in one text; `undefined` if it is missing. */
export type FindRange = (path: Path, part: Part) => Range | undefined;

export function textSource(file: string, text: string, value: unknown, find: FindRange): Source {
  const locateRange = locator(file, text);
  return {
    file,
    value,
    locate(path, part = 'value') {
      const exact = find(path, part) ?? find(path, 'value');
      if (exact !== undefined) return locateRange(exact);
      for (let length = path.length - 1; length > 0; length -= 1) {
        const ancestor = path.slice(0, length);
        const range = find(ancestor, 'key') ?? find(ancestor, 'value');
        if (range !== undefined) return locateRange(range);
      }
      return nowhere(file);
    },
  };
}

/** A value without positions: from code, or built by a program. */
export function opaqueSource(file: string, value: unknown): Source {
  return { file, value, locate: () => nowhere(file) };
}

export function nowhere(file: string): Location {
  return { file, line: undefined, column: undefined, sourceLine: undefined, length: 1 };
}

/** Converts character positions of one text to lines and columns. */
export function locator(file: string, text: string): (range: Range) => Location {
  const starts = [0];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return ([from, to]) => {
    const start = Math.max(0, Math.min(from, text.length));
    let line = starts.length;
    while (line > 1 && (starts[line - 1] ?? 0) > start) line -= 1;
    const lineStart = starts[line - 1] ?? 0;
    const sourceLine = text.slice(lineStart, (starts[line] ?? text.length + 1) - 1).replace(/\r$/, '');
    const column = start - lineStart + 1;
    const length = Math.max(1, Math.min(to - start, sourceLine.length - column + 1));
    return { file, line, column, sourceLine, length };
  };
}
