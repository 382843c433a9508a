/** The fields that the configured inputs report, to check rules against. */
import type { FieldSpec, MetricCatalog } from '../../plugin/index.ts';

export interface FieldRef {
  readonly measurement: string;
  readonly field: string;
  /** Undefined for a field that no catalog declares. */
  readonly spec: FieldSpec | undefined;
}

export interface Fault {
  readonly message: string;
  readonly hint?: string | undefined;
}

export interface KnownFields {
  /** Of the configured inputs. */
  readonly catalogs: readonly MetricCatalog[];
  /**
   * Which undeclared names are accepted: `measurements` if an input does not declare its metrics; `fields`, any name, if
   * processors may change them.
   */
  readonly others: 'none' | 'measurements' | 'fields';
  /** Measurement → an input that reports it, configured or not. */
  readonly providers: ReadonlyMap<string, string>;
  /** Rules across hosts are possible. */
  readonly isHub?: boolean;
  /** Of all inputs, which other hosts may have. */
  readonly elsewhere?: readonly MetricCatalog[];
  readonly nearest: (word: string, candidates: Iterable<string>) => string | undefined;
}

/** @param metric `measurement.field` */
export function findField(metric: string, known: KnownFields): FieldRef | Fault {
  const dot = metric.indexOf('.');
  if (dot < 1 || dot === metric.length - 1) {
    return { message: `"${metric}" is not of the form measurement.field`, hint: 'write it like cpu.usage_idle' };
  }
  const [measurement, field] = [metric.slice(0, dot), metric.slice(dot + 1)];
  const specs = known.catalogs.flatMap((catalog) =>
    Object.hasOwn(catalog, measurement) ? [catalog[measurement]] : [],
  );
  for (const spec of specs) {
    const found = spec !== undefined && Object.hasOwn(spec.fields, field) ? spec.fields[field] : spec?.dynamic;
    if (found !== undefined) return { measurement, field, spec: found };
  }
  const isAccepted = known.others === 'fields' || (known.others === 'measurements' && specs.length === 0);
  if (isAccepted) return { measurement, field, spec: undefined };
  const fields = specs.flatMap((spec) => Object.keys(spec?.fields ?? {}));
  return fields.length > 0 ? unknownField(measurement, field, fields, known) : unknownMeasurement(measurement, known);
}

/** What other hosts may send: also measurements of inputs that are not configured here, and of external ones. */
export function everywhere(known: KnownFields): KnownFields {
  const { catalogs, elsewhere = [], others } = known;
  return { ...known, catalogs: [...catalogs, ...elsewhere], others: others === 'none' ? 'measurements' : others };
}

export function isFault(found: FieldRef | Fault): found is Fault {
  return 'message' in found;
}

function unknownField(measurement: string, field: string, fields: readonly string[], { nearest }: KnownFields): Fault {
  const near = nearest(field, fields);
  const hint = near === undefined ? `its fields: ${fields.join(', ')}` : `did you mean "${measurement}.${near}"?`;
  return { message: `The measurement "${measurement}" has no field "${field}"`, hint };
}

function unknownMeasurement(measurement: string, { catalogs, providers, nearest }: KnownFields): Fault {
  const message = `No configured input reports the measurement "${measurement}"`;
  const provider = providers.get(measurement);
  if (provider !== undefined) return { message, hint: `the input "${provider}" reports it; add it to "inputs"` };
  const near = nearest(measurement, catalogs.flatMap(Object.keys));
  return { message, hint: near === undefined ? undefined : `did you mean "${near}"?` };
}
