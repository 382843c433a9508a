/** What inputs say of the metrics that they report. */
import type { FieldValue } from './metric.ts';

/** What one field holds. The catalog decides whether a number is written as an integer or as a float. */
export interface FieldSpec {
  readonly type: 'int' | 'float' | 'string' | 'bool';
  /** `bytes`, `percent`, `s`, `ms`, `ns`, `us`, `celsius`, … or what is counted (`packets`). Percent is rounded to 4 decimals. */
  readonly unit?: string;
  readonly help: string;
  /** Overrides the metric's kind. */
  readonly kind?: MetricKind;
}

/** A counter only grows, until its source restarts; a gauge goes up and down. */
export type MetricKind = 'gauge' | 'counter';

/** What one measurement holds. */
export interface MetricSpec {
  readonly help?: string;
  /** Default: gauge. */
  readonly kind?: MetricKind;
  /** Tag key → what it means. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** Set where further field names come from the outside (labels, counters of the kernel): what they look like. */
  readonly dynamic?: FieldSpec;
}

/** Measurement → what it holds. Gives type coercion, documentation, dashboard units and rule checking. */
export type MetricCatalog = Readonly<Record<string, MetricSpec>>;

/** The fields one measurement of a catalog may be given. `undefined` means "not known this time" and is left out. */
export type FieldsOf<Spec extends MetricSpec> = [Spec] extends [{ readonly dynamic: FieldSpec }]
  ? Readonly<Record<string, FieldValue | undefined>>
  : { readonly [Name in keyof Spec['fields']]?: FieldValue | undefined };
