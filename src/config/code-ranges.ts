import type { FindRange, Path, Range } from './source.ts';

/**
 * Positions in a configuration that is code. Its value may be computed, so a position is known only where the key, or the text
 * of a list item, is written exactly once in the file.
 */
export function codeRanges(text: string, root: unknown): FindRange {
  return (path) => {
    const key = path.at(-1);
    if (typeof key === 'string') return onlyRange(keysIn(text, key));
    const value = valueAt(root, path);
    return typeof value === 'string' && value !== '' ? onlyRange(textsIn(text, value)) : undefined;
  };
}

function onlyRange(ranges: readonly Range[]): Range | undefined {
  return ranges.length === 1 ? ranges[0] : undefined;
}

/** `key:`, or the key in quotes. */
function keysIn(text: string, key: string): readonly Range[] {
  return [key, `'${key}'`, `"${key}"`].flatMap((written) =>
    occurrences(text, written).filter(
      ([start, end]) => /(^|[\s{,])$/.test(text.slice(0, start).slice(-1)) && /^\s*:/.test(text.slice(end, end + 20)),
    ),
  );
}

function textsIn(text: string, value: string): readonly Range[] {
  return [`'${value}'`, `"${value}"`, `\`${value}\``].flatMap((written) => occurrences(text, written));
}

function occurrences(text: string, part: string): readonly Range[] {
  const found: Range[] = [];
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) {
    found.push([at, at + part.length]);
  }
  return found;
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    root,
  );
}
