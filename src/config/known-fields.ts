/** The fields that alert rules can refer to. */
import type { KnownFields } from '../alerts/settings.ts';
import type { InputPlugin, MetricCatalog } from '../plugin/index.ts';
import { nearest } from '../registry/nearest.ts';
import type { Registry } from '../registry/registry.ts';

export interface Sources {
  readonly inputs: readonly InputPlugin[];
  readonly hasProcessors: boolean;
}

export function knownFields({ inputs, hasProcessors }: Sources): KnownFields {
  const catalogs = inputs.map(({ metrics }): MetricCatalog => metrics);
  const hasOpenCatalog = catalogs.some((catalog) => Object.keys(catalog).length === 0);
  const others = hasProcessors ? 'fields' : hasOpenCatalog ? 'measurements' : 'none';
  return { catalogs, others, providers: new Map(), nearest };
}

/** Adds which input provides a measurement, for hints. Slow: loads every input. */
export async function withProviders(known: KnownFields, registry: Registry): Promise<KnownFields> {
  const providers = new Map<string, string>();
  for (const { name, metrics } of await allInputs(registry)) {
    for (const measurement of Object.keys(metrics)) providers.set(measurement, name);
  }
  return { ...known, providers };
}

export function allInputs(registry: Registry): Promise<readonly InputPlugin[]> {
  return Promise.all(registry.names('input').map((name) => registry.find('input', name)));
}
