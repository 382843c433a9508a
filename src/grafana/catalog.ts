/** Looks up fields in the catalogs of the inputs, so that a panel cannot query a field that no input reports. */
import type { FieldSpec, MetricCatalog, MetricSpec } from '../plugin/index.ts';

export interface FieldFacts {
  readonly measurement: string;
  readonly field: string;
  readonly unit: string;
  readonly help: string;
  readonly isCounter: boolean;
}

/** @param path `measurement.field` */
export function fieldFacts(catalog: MetricCatalog, path: string): FieldFacts {
  const dot = path.indexOf('.');
  const [measurement, field] = [path.slice(0, dot), path.slice(dot + 1)];
  const metric = measurementOf(catalog, measurement);
  const spec: FieldSpec | undefined = metric.fields[field] ?? metric.dynamic;
  if (spec === undefined) throw new Error(`The catalog of "${measurement}" has no field "${field}"`);
  const isCounter = (spec.kind ?? metric.kind) === 'counter';
  return { measurement, field, unit: spec.unit ?? '', help: spec.help, isCounter };
}

export function measurementOf(catalog: MetricCatalog, name: string): MetricSpec {
  const metric = Object.hasOwn(catalog, name) ? catalog[name] : undefined;
  if (metric === undefined) throw new Error(`No catalog has the measurement "${name}"`);
  return metric;
}

/** Whether points of this measurement can have the tag. The agent adds `host` to every point. */
export function hasTag(catalog: MetricCatalog, measurement: string, tag: string): boolean {
  return tag === 'host' || Object.hasOwn(measurementOf(catalog, measurement).tags ?? {}, tag);
}
