/** What inputs declare about the metrics they report. */
import type { FieldValue } from './metric.ts';

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
  /** Tag key → its meaning. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** Allows fields that are not declared, where names come from outside (labels, kernel counters), and describes them. */
  readonly dynamic?: FieldSpec;
}

/** Measurement → its fields and tags. Used for type coercion, documentation, dashboard units and rule checking. */
export type MetricCatalog = Readonly<Record<string, MetricSpec>>;

/** The fields of one measurement, as an input reports them. `undefined` means "not known this time" and is omitted. */
export type FieldsOf<Spec extends MetricSpec> = [Spec] extends [{ readonly dynamic: FieldSpec }]
  ? Readonly<Record<string, FieldValue | undefined>>
  : { readonly [Name in keyof Spec['fields']]?: FieldValue | undefined };
