/** The fields that alert rules can refer to. */
import type { KnownFields } from '../alerts/settings.ts';
import type { InputPlugin, MetricCatalog, ProcessorPlugin } from '../plugin/index.ts';
import { nearest } from '../registry/nearest.ts';
import type { Registry } from '../registry/registry.ts';

export interface Sources {
  readonly inputs: readonly InputPlugin[];
  readonly processors: readonly ConfiguredProcessor[];
}

export interface ConfiguredProcessor {
  readonly plugin: ProcessorPlugin;
  readonly options: unknown;
}

export function knownFields({ inputs, processors }: Sources): KnownFields {
  const given = inputs.map(({ metrics }): MetricCatalog => metrics);
  const hasOpenCatalog = given.some((catalog) => Object.keys(catalog).length === 0);
  const hasOpenProcessor = processors.some(({ plugin }) => plugin.catalog === undefined);
  const others = hasOpenProcessor ? 'fields' : hasOpenCatalog ? 'measurements' : 'none';
  return { catalogs: processors.reduce(behind, given), others, providers: new Map(), nearest };
}

/** Also what it was called before: a processor may be limited to some metrics. */
function behind(
  catalogs: readonly MetricCatalog[],
  { plugin, options }: ConfiguredProcessor,
): readonly MetricCatalog[] {
  return catalogs.flatMap((catalog) => [catalog, plugin.catalog?.(options, catalog) ?? {}]);
}

/** Adds which input provides a measurement, for hints. Slow: loads every input. */
export async function withProviders(known: KnownFields, registry: Registry): Promise<KnownFields> {
  const providers = new Map<string, string>();
  const inputs = await allInputs(registry);
  for (const { name, metrics } of inputs) {
    for (const measurement of Object.keys(metrics)) providers.set(measurement, name);
  }
  const elsewhere = inputs.map(({ metrics }) => metrics);
  return { ...known, providers, elsewhere };
}

export function allInputs(registry: Registry): Promise<readonly InputPlugin[]> {
  return Promise.all(registry.names('input').map((name) => registry.find('input', name)));
}
