/** What inputs declare about a field. */
import type { CounterOf, FieldOf } from '../history/access.ts';
import type { FieldSpec, MetricCatalog } from '../metric/catalog.ts';

export function specOf(catalog: MetricCatalog, measurement: string, field: string): FieldSpec | undefined {
  if (!Object.hasOwn(catalog, measurement)) return undefined;
  const spec = catalog[measurement];
  return spec !== undefined && Object.hasOwn(spec.fields, field) ? spec.fields[field] : spec?.dynamic;
}

export function kindOf(catalog: MetricCatalog, measurement: string, field: string): 'gauge' | 'counter' {
  const spec = Object.hasOwn(catalog, measurement) ? catalog[measurement] : undefined;
  return specOf(catalog, measurement, field)?.kind ?? spec?.kind ?? 'gauge';
}

export function isCounter(catalog: MetricCatalog, { set, field }: FieldOf): boolean {
  return kindOf(catalog, set.name, field) === 'counter';
}

/** Every declared counter. */
export function counters(catalog: MetricCatalog): readonly CounterOf[] {
  return Object.entries(catalog).flatMap(([measurement, { fields }]) =>
    Object.keys(fields)
      .filter((field) => kindOf(catalog, measurement, field) === 'counter')
      .map((field) => ({ measurement, field })),
  );
}
