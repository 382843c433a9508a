/** The section `alerts`, with what it refers to: the fields of the inputs and the names of the notifiers. */
import { compileAlerts, type AlertSettings } from '../alerts/settings.ts';
import type { AlertsConfig } from '../alerts/schema.ts';
import type { MetricCatalog } from '../plugin.ts';
import { nearest } from '../registry/nearest.ts';
import type { Registry } from '../registry/registry.ts';

import type { CheckContext, CheckedEntry } from './check-entries.ts';

export interface AlertSurroundings {
  readonly inputs: readonly CheckedEntry<'input'>[];
  readonly notifiers: readonly CheckedEntry<'notifier'>[];
  readonly registry: Registry;
}

export async function checkAlerts(
  config: AlertsConfig,
  { inputs, notifiers, registry }: AlertSurroundings,
  { report }: Pick<CheckContext, 'report'>,
): Promise<AlertSettings> {
  const catalogs = inputs.map(({ plugin }): MetricCatalog => plugin.metrics);
  const receivers = notifiers.map(({ alias, host, plugin }) => ({
    name: alias,
    maxAlerts: plugin.maxAlerts,
    minLevel: host.min_level,
    sendResolved: host.send_resolved,
  }));
  // Only a rule of the user's can be wrong about a name, so only then is it worth loading every input to say more.
  const providers = config.rules.length === 0 ? new Map<string, string>() : await providersOf(registry);
  const isOpen = catalogs.some((catalog) => Object.keys(catalog).length === 0);
  const { settings, problems } = await compileAlerts(config, receivers, { catalogs, isOpen, providers, nearest });
  for (const { path, ...complaint } of problems) report(['alerts', ...path], 'value', complaint);
  return settings;
}

async function providersOf(registry: Registry): Promise<ReadonlyMap<string, string>> {
  const providers = new Map<string, string>();
  for (const name of registry.names('input')) {
    const { metrics } = await registry.find('input', name);
    for (const measurement of Object.keys(metrics)) providers.set(measurement, name);
  }
  return providers;
}
