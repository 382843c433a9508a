/** A zod schema as data: keys, defaults, descriptions, and which options are secret or private. */
import { z } from '../plugin/index.ts';

import { isMapping } from './substitute.ts';
import type { Path } from './source.ts';

/**
 * `.meta({ secret: true })`: a credential, which is removed from every text. `.meta({ private: true })`: may contain one among
 * ordinary words, so it is only not shown as a whole: arguments and variables of programs.
 */
export type Mark = 'secret' | 'private';

/** The subset of JSON Schema that zod generates and we read. */
export interface OptionSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly format?: string;
  readonly secret?: boolean;
  readonly private?: boolean;
  readonly enum?: readonly unknown[];
  /** From `.meta({ examples: […] })`; the first one is shown in the sample configuration. */
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: OptionSchema | boolean;
  readonly items?: OptionSchema;
  readonly prefixItems?: readonly OptionSchema[];
  readonly anyOf?: readonly OptionSchema[];
  readonly oneOf?: readonly OptionSchema[];
  readonly allOf?: readonly OptionSchema[];
}

const cache = new WeakMap<z.ZodType, OptionSchema>();

/** The schema of what users write, before transforms and defaults. Cached: the conversion takes about a millisecond. */
export function optionSchema(schema: z.ZodType): OptionSchema {
  let made = cache.get(schema);
  if (made === undefined) {
    // Inlined, so that a path can be followed without resolving references.
    made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as OptionSchema;
    cache.set(schema, made);
  }
  return made;
}

/** The names of the options. Cheap for plain objects, which nearly all plugins use. */
export function optionNames(schema: z.ZodType): readonly string[] {
  const { shape } = schema as { readonly shape?: unknown };
  if (isMapping(shape)) return Object.keys(shape);
  return Object.keys(
    Object.assign({}, ...variants(optionSchema(schema)).map(({ properties }) => properties)) as object,
  );
}

/** The schema itself and all of its alternatives, flattened. */
export function variants(schema: OptionSchema): readonly OptionSchema[] {
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...alternatives.flatMap(variants)];
}

/** The schemas that apply one key or list position further in. */
export function step(schemas: readonly OptionSchema[], key: string | number): readonly OptionSchema[] {
  return schemas.flatMap(variants).flatMap((schema) => {
    if (typeof key === 'number') return schema.prefixItems?.[key] ?? schema.items ?? [];
    const own = schema.properties !== undefined && Object.hasOwn(schema.properties, key);
    if (own) return schema.properties[key] ?? [];
    return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : [];
  });
}

/** The schemas that apply to the value at a path. */
export function schemasAt(schema: OptionSchema, path: Path): readonly OptionSchema[] {
  let schemas: readonly OptionSchema[] = [schema];
  for (const key of path) schemas = step(schemas, key);
  return schemas.flatMap(variants);
}

/** Whether an option has the mark, or is inside one that has it. */
export function isMarked(schema: OptionSchema, path: Path, mark: Mark): boolean {
  return path.some((_key, index) => schemasAt(schema, path.slice(0, index + 1)).some((each) => each[mark] === true));
}
