/** What must be in a database after healthd ran on this host: the table, narrowed to what the host can serve. */
import { hostHas } from './host-abilities.ts';
import type { Ability, FieldTypes, FurtherFields, InfluxType, Schema } from './measurement-schema.ts';
import { TELEGRAF } from './telegraf-schema.ts';

export interface Expected {
  readonly measurement: string;
  readonly tags: readonly string[];
  readonly fields: FieldTypes;
}

export interface Expectation {
  /** Entries of the configuration that make healthd report all of it. */
  readonly inputs: readonly Readonly<Record<string, Options>>[];
  readonly measurements: readonly Expected[];
  /** What is not looked for, and what this host would need for it. */
  readonly leftOut: readonly { readonly what: string; readonly lacks: Ability }[];
}

type Options = Readonly<Record<string, unknown>>;

/**
 * @param inputs plugins that are looked at
 * @param withOptions turns on what is off by default, and expects it
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

/** The type that the table allows a field of the measurement to have; undefined: there is no such field. */
export function allowedType(schema: Schema, field: string): InfluxType | undefined {
  const { fields, further = [], sometimes, own, named } = schema;
  const all = allOf(fields, ...further.map((each) => each.fields), sometimes?.fields, own);
  return all[field] ?? (named?.pattern.test(field) === true ? named.type : undefined);
}

function allOf(...tables: readonly (FieldTypes | undefined)[]): FieldTypes {
  return Object.fromEntries(tables.flatMap((table) => Object.entries(table ?? {})));
}

/** Lists grow, everything else is replaced. */
function merged(options: Options = {}, more: Options = {}): Options {
  const joined = Object.entries(more).map(([key, value]): [string, unknown] => {
    const before = options[key];
    if (!Array.isArray(before) || !Array.isArray(value)) return [key, value];
    return [key, [...new Set<unknown>([...(before as readonly unknown[]), ...(value as readonly unknown[])])]];
  });
  return { ...options, ...Object.fromEntries(joined) };
}
