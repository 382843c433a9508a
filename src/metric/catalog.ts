/** What inputs declare about the metrics they report. */
/** One field. The type decides whether a number is written as an integer or as a float. */
export interface FieldSpec {
  readonly type: 'int' | 'float' | 'string' | 'bool';
  /** `bytes`, `percent`, `s`, `ms`, `ns`, `us`, `celsius`, … or what is counted (`packets`). Percentages are rounded to 4 decimals. */
  readonly unit?: string;
  readonly help: string;
  /** Overrides the metric's kind. */
  readonly kind?: MetricKind;
}

/** A counter only grows, until its source restarts; a gauge goes up and down. */
export type MetricKind = 'gauge' | 'counter';

/** One measurement. */
export interface MetricSpec {
  readonly help?: string;
  /** Default: gauge. */
  readonly kind?: MetricKind;
  /** Tag key → its meaning. The key `*` stands for any, where keys come from outside (labels). */
  readonly tags?: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** Allows fields that are not declared, where names come from outside (labels, kernel counters), and describes them. */
  readonly dynamic?: FieldSpec;
}

/** Measurement → its fields and tags. Used for type coercion, documentation, dashboard units and rule checking. */
export type MetricCatalog = Readonly<Record<string, MetricSpec>>;

/** The values that a field of this type takes. */
export type ValueOf<Spec extends FieldSpec> = Spec['type'] extends infer Type
  ? Type extends 'string'
    ? string
    : Type extends 'bool'
      ? boolean
      : number | bigint
  : never;

/** The fields of one measurement, as an input reports them. `undefined` means "not known this time" and is omitted. */
export type FieldsOf<Spec extends MetricSpec> = [Spec] extends [{ readonly dynamic: infer Dynamic extends FieldSpec }]
  ? DeclaredFields<Spec> & Readonly<Record<string, ValueOf<Dynamic | Spec['fields'][keyof Spec['fields']]> | undefined>>
  : DeclaredFields<Spec>;

type DeclaredFields<Spec extends MetricSpec> = {
  readonly [Name in keyof Spec['fields']]?: ValueOf<Spec['fields'][Name]> | undefined;
};
