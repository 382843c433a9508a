/** The schema that a database must have after healthd ran on this host: the table, reduced to what the host supports. */
import { hostHas } from './host-abilities.ts';
import type { Ability, FieldTypes, FurtherFields, InfluxType, Schema } from './measurement-schema.ts';
import { TELEGRAF } from './telegraf-schema.ts';

export interface Expected {
  readonly measurement: string;
  readonly tags: readonly string[];
  readonly fields: FieldTypes;
}

export interface Expectation {
  /** Configuration entries that make healthd report all of it. */
  readonly inputs: readonly Readonly<Record<string, Options>>[];
  readonly measurements: readonly Expected[];
  /** Items that are not checked, and what this host lacks for them. */
  readonly leftOut: readonly { readonly what: string; readonly lacks: Ability }[];
}

type Options = Readonly<Record<string, unknown>>;

/**
 * @param inputs plugins to check
 * @param withOptions turns on what is off by default and expects it
 */
export function expectedFrom(inputs: readonly string[], { withOptions }: { withOptions: boolean }): Expectation {
  const options: Record<string, Options> = Object.fromEntries(inputs.map((input) => [input, {}]));
  const measurements: Expected[] = [];
  const leftOut: { what: string; lacks: Ability }[] = [];
  const isServed = (needs: Ability | undefined, what: string) => {
    if (needs === undefined || hostHas(needs)) return true;
    leftOut.push({ what, lacks: needs });
    return false;
  };
  for (const [measurement, schema] of Object.entries(TELEGRAF)) {
    if (!inputs.includes(schema.input) || !isServed(schema.needs, measurement)) continue;
    const further = (schema.further ?? [])
      .filter((each) => withOptions || each.options === undefined)
      .filter(({ needs, fields }) => isServed(needs, `${measurement}: ${Object.keys(fields).join(', ')}`));
    for (const each of further) options[schema.input] = merged(options[schema.input], each.options);
    const fields = allOf(schema.fields, ...further.map((each: FurtherFields) => each.fields));
    if (Object.keys(fields).length > 0) measurements.push({ measurement, tags: schema.tags, fields });
  }
  return { inputs: Object.entries(options).map(([input, its]) => ({ [input]: its })), measurements, leftOut };
}

/** The type of a field of the measurement; undefined: the table has no such field. */
export function allowedType(schema: Schema, field: string): InfluxType | undefined {
  const { fields, further = [], sometimes, own, named } = schema;
  const all = allOf(fields, ...further.map((each) => each.fields), sometimes?.fields, own);
  return all[field] ?? (named?.pattern.test(field) === true ? named.type : undefined);
}

function allOf(...tables: readonly (FieldTypes | undefined)[]): FieldTypes {
  return Object.fromEntries(tables.flatMap((table) => Object.entries(table ?? {})));
}

/** Lists are concatenated, other values replaced. */
function merged(options: Options = {}, more: Options = {}): Options {
  const joined = Object.entries(more).map(([key, value]): [string, unknown] => {
    const before = options[key];
    if (!Array.isArray(before) || !Array.isArray(value)) return [key, value];
    return [key, [...new Set<unknown>([...(before as readonly unknown[]), ...(value as readonly unknown[])])]];
  });
  return { ...options, ...Object.fromEntries(joined) };
}
