/** What dashboards are made of: the catalogs of all built-in inputs, and of the configuration's own ones. */
import type { Content } from '../../grafana/export.ts';
import type { MetricCatalog } from '../../plugin.ts';
import { builtInPlugins } from '../../registry/registry.ts';

/** For the script that writes `grafana/`. */
export { exportFiles } from '../../grafana/export.ts';
export { SOURCES } from '../../grafana/writers/writer.ts';

export async function builtInContent(): Promise<Content> {
  let catalog: MetricCatalog = {};
  for (const name of builtInPlugins.names('input')) {
    catalog = { ...catalog, ...(await builtInPlugins.find('input', name)).metrics };
  }
  return { catalog };
}
