/**
 * `override`: a patch of a stock rule. Mappings are merged key by key; lists, conditions and values are replaced; `null`
 * clears a key.
 */
import { z } from '../../plugin/index.ts';

import { RuleFault } from './rule-fault.ts';

/** Keys that are replaced as a whole: the parts of two conditions do not belong together. */
const WHOLE: readonly string[] = ['and'];

/** Keys with thresholds for each level. */
const LIMITS: readonly string[] = ['above', 'below'];

/** Same keys, all optional; those that a rule can do without may be null. */
export type Patch<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Patch<T[K]> | null | undefined }
    : T;

/** The schema of patches for values of a schema. Has no defaults: what is not written stays. */
export function patchOf(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    const entries = Object.entries(schema.shape as Record<string, z.ZodType>).map(([key, option]) => {
      const inner = WHOLE.includes(key) ? bare(option) : patchOf(bare(option));
      return [key, (isRequired(option) ? inner : inner.nullable()).optional()] as const;
    });
    return z.strictObject(Object.fromEntries(entries));
  }
  if (schema instanceof z.ZodUnion) return z.union((schema.options as z.ZodType[]).map(patchOf));
  if (schema instanceof z.ZodRecord) {
    return z.record(schema.keyType as z.ZodString, (schema.valueType as z.ZodType).nullable());
  }
  return schema;
}

/**
 * @param schema of the rule, to fill in defaults and find missing keys
 * @throws RuleFault for a required key that neither has
 */
export function patched<Rule extends object>(rule: Rule, patch: object, schema: z.ZodType<Rule>): Rule {
  const complete = Object.entries(patch).map(([key, value]: [string, unknown]) => {
    return [key, LIMITS.includes(key) && isMapping(value) ? mapValues(value, limitPatch) : value] as const;
  });
  const result = parsedOf(schema).safeParse(merged(rule, Object.fromEntries(complete)));
  if (result.success) return result.data as Rule;
  // Both were valid, so that something is missing is all that can be wrong.
  const path = placeOf(result.error.issues[0]) as (string | number)[];
  const name = String(path.at(-1));
  throw new RuleFault(`The option "${name}" is missing`, path, 'the stock rule does not have it either');
}

/** Of several alternatives a mapping is meant, since only those lack keys. */
function placeOf(issue: z.core.$ZodIssue | undefined): readonly PropertyKey[] {
  if (issue?.code !== 'invalid_union') return issue?.path ?? [];
  return [...issue.path, ...placeOf(issue.errors.flat().find(({ path }) => path.length > 0))];
}

/** `90` is `{ at: 90 }`. A new `at` takes the default `clear`, since the old one belongs to the old `at`. */
function limitPatch(written: unknown): unknown {
  if (written === null || written === undefined) return written;
  const patch = isMapping(written) ? written : { at: written };
  return patch['at'] === undefined ? patch : { clear: null, ...patch };
}

function merged(base: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return patch;
  const result = new Map(Object.entries(isMapping(base) ? base : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) result.delete(key);
    else result.set(key, WHOLE.includes(key) ? value : merged(result.get(key), value));
  }
  return Object.fromEntries(result);
}

/** The schema of a value that was parsed before: texts have become numbers, and defaults may be missing. */
function parsedOf(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    return z.strictObject(mapValues(schema.shape as Record<string, z.ZodType>, parsedOf));
  }
  if (schema instanceof z.ZodOptional) return parsedOf(schema.unwrap() as z.ZodType).optional();
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return parsedOf(schema.unwrap() as z.ZodType).prefault(() => schema.parse(undefined));
  }
  if (schema instanceof z.ZodUnion) return z.union((schema.options as z.ZodType[]).map(parsedOf));
  return schema instanceof z.ZodPipe ? z.unknown().nonoptional() : schema;
}

function bare(schema: z.ZodType): z.ZodType {
  const isWrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return isWrapped ? (schema.unwrap() as z.ZodType) : schema;
}

function isRequired(schema: z.ZodType): boolean {
  return bare(schema) === schema;
}

function mapValues<In, Out>(mapping: Readonly<Record<string, In>>, change: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(mapping).map(([key, value]) => [key, change(value)]));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
