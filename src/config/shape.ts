import type { Path } from './source.ts';

/** Far more than any plugin's options need, and little enough for every recursion over a configuration. */
const MAX_DEPTH = 64;

export interface ShapeFault {
  readonly path: Path;
  readonly message: string;
}

/** What makes a value unfit for being walked through: that it contains itself (anchors, code), or has too many levels. */
export function findShapeFault(value: unknown): ShapeFault | undefined {
  const above = new Set<unknown>();
  const sound = new Set<unknown>();
  const walk = (inner: unknown, path: Path): ShapeFault | undefined => {
    if (typeof inner !== 'object' || inner === null || sound.has(inner)) return undefined;
    if (above.has(inner)) return { path, message: 'This value contains itself' };
    if (path.length > MAX_DEPTH) return { path, message: `More than ${MAX_DEPTH} levels are not supported` };
    above.add(inner);
    for (const [key, item] of Object.entries(inner)) {
      const fault = walk(item, [...path, Array.isArray(inner) ? Number(key) : key]);
      if (fault !== undefined) return fault;
    }
    above.delete(inner);
    sound.add(inner);
    return undefined;
  };
  return walk(value, []);
}
