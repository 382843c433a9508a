import type { Path } from './source.ts';

/** Far more than any plugin's options need, and small enough for every recursive function over a configuration. */
const MAX_DEPTH = 64;

/** For parsers that call themselves for each level and end before the depth can be counted. */
export const TOO_DEEP = `Nested too deeply; ${MAX_DEPTH} levels are allowed`;

export function isStackOverflow(error: unknown): boolean {
  // By its name: the error may be of another realm.
  return (error as Partial<Error> | undefined)?.name === 'RangeError' && /call stack/.test((error as Error).message);
}

export interface NestingFault {
  readonly path: Path;
  readonly message: string;
}

/** Finds nesting that recursive functions cannot handle: a cycle (from YAML anchors or code), or too many levels. */
export function findNestingFault(value: unknown): NestingFault | undefined {
  const above = new Set<unknown>();
  const checked = new Set<unknown>();
  const walk = (inner: unknown, path: Path): NestingFault | undefined => {
    if (typeof inner !== 'object' || inner === null || checked.has(inner)) return undefined;
    if (above.has(inner)) return { path, message: 'This value contains itself' };
    if (path.length > MAX_DEPTH) return { path, message: `Nested more than ${MAX_DEPTH} levels deep` };
    above.add(inner);
    for (const [key, item] of Object.entries(inner)) {
      const fault = walk(item, [...path, Array.isArray(inner) ? Number(key) : key]);
      if (fault !== undefined) return fault;
    }
    above.delete(inner);
    checked.add(inner);
    return undefined;
  };
  return walk(value, []);
}
