/** The source of dashboards: the catalogs of built-in inputs, and the custom inputs of the configuration. */
import type { Config } from '../../config/config.ts';
import type { Content } from '../../grafana/export.ts';
import type { InputPlugin, MetricCatalog } from '../../plugin/index.ts';
import { builtInPlugins } from '../../registry/registry.ts';

/** For the script that writes `grafana/`. */
export { exportFiles } from '../../grafana/export.ts';
export { SOURCES } from '../../grafana/writers/writer.ts';

/** @param config undefined: only built-in inputs */
export async function grafanaContent(config?: Pick<Config, 'inputs'>): Promise<Content> {
  const builtIn = builtInPlugins.names('input');
  let catalog: MetricCatalog = {};
  for (const name of builtIn) catalog = { ...catalog, ...(await builtInPlugins.find('input', name)).metrics };
  const others = (config?.inputs ?? []).map(({ plugin }) => plugin).filter(({ name }) => !builtIn.includes(name));
  // One plugin may have several entries.
  const custom = new Map(others.map((plugin): [string, InputPlugin] => [plugin.name, plugin]));
  return { catalog, custom: [...custom.values()] };
}
