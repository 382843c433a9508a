/** What remains of an invalid section, so that its first mistakes do not hide those that only later checks find. */
import type { z } from '../plugin/index.ts';

import { findingsOf } from './findings.ts';
import type { Path } from './source.ts';
import { isMapping } from './substitute.ts';

export interface Salvaged {
  readonly value: unknown;
  /** What was left out; later complaints about it, or about what holds it, may follow from that. */
  readonly cut: readonly Path[];
}

/** Leaving something out can make a required key missing; then what holds it is left out in the next round. */
const MAX_ROUNDS = 20;

/** @returns undefined if nothing valid remains */
export function salvage(schema: z.ZodType, value: unknown): Salvaged | undefined {
  const rest: unknown = structuredClone(value);
  const cut: Path[] = [];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const result = schema.safeParse(rest, { reportInput: true });
    if (result.success) return { value: rest, cut };
    const findings = findingsOf(result.error.issues, { schema, value: rest, isHidden: () => true });
    const before = cut.length;
    for (const { path } of findings) {
      if (!isConsequence(path, cut.slice(before))) cut.push(leaveOut(rest, path));
    }
  }
  return undefined;
}

/** Whether a complaint may be a consequence of what was left out. */
export function isConsequence(path: Path, cut: readonly Path[]): boolean {
  return cut.some((other) => {
    const length = Math.min(path.length, other.length);
    return path.slice(0, length).every((key, index) => key === other[index]);
  });
}

/**
 * Removes the key at the path, or the nearest around it. An entry of a list becomes an empty mapping, so that the others keep
 * their places.
 *
 * @returns the path of what was removed
 */
function leaveOut(root: unknown, path: Path): Path {
  const holders: unknown[] = [root];
  for (const key of path.slice(0, -1)) {
    const holder = holders.at(-1);
    const isInside = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key);
    if (!isInside) break;
    holders.push((holder as Readonly<Record<string | number, unknown>>)[key]);
  }
  for (let depth = holders.length - 1; depth >= 0; depth -= 1) {
    const [holder, key] = [holders[depth], path[depth]];
    if (Array.isArray(holder) && typeof key === 'number' && !isEmptyMapping(holder[key])) {
      holder[key] = {};
      return path.slice(0, depth + 1);
    }
    if (isMapping(holder) && key !== undefined && Object.hasOwn(holder, key)) {
      Reflect.deleteProperty(holder, key);
      return path.slice(0, depth + 1);
    }
  }
  return path;
}

function isEmptyMapping(value: unknown): boolean {
  return isMapping(value) && Object.keys(value).length === 0;
}
