/** The section `alerts`, with what it refers to: the fields of the inputs and the names of the notifiers. */
import { compileAlerts, type AlertSettings } from '../alerts/settings.ts';
import type { AlertsConfig } from '../alerts/schema.ts';
import type { InputPlugin } from '../plugin/index.ts';
import type { Registry } from '../registry/registry.ts';

import type { CheckContext, CheckedEntry } from './check-entries.ts';
import { knownFields, withProviders } from './known-fields.ts';

export interface AlertSurroundings {
  readonly inputs: readonly CheckedEntry<'input'>[];
  readonly hasProcessors: boolean;
  readonly notifiers: readonly CheckedEntry<'notifier'>[];
  /** All that are written, also those that something is wrong with. */
  readonly names: readonly string[];
  readonly registry: Registry;
}

export async function checkAlerts(
  config: AlertsConfig,
  { inputs, hasProcessors, notifiers, names, registry }: AlertSurroundings,
  { report }: Pick<CheckContext, 'report'>,
): Promise<AlertSettings> {
  const receivers = names.map((name) => {
    const found = notifiers.find(({ alias }) => alias === name);
    const { min_level: minLevel, send_resolved: sendResolved } = found?.host ?? {};
    return { name, maxAlerts: found?.plugin.maxAlerts, minLevel, sendResolved };
  });
  const known = knownFields({
    inputs: [...inputs.map(({ plugin }) => plugin), ...(await watchingItself(registry))],
    hasProcessors,
  });
  // Only what the user wrote can be wrong about a name, so only then is it worth loading every input to say more.
  const isWritten = config.rules.length > 0 || config.thresholds !== undefined;
  const { settings, problems } = await compileAlerts(
    config,
    receivers,
    isWritten ? await withProviders(known, registry) : known,
  );
  for (const { path, ...complaint } of problems) report(['alerts', ...path], 'value', complaint);
  return settings;
}

/** The agent judges its own metrics whether its input is configured or not. */
async function watchingItself(registry: Registry): Promise<readonly InputPlugin[]> {
  return registry.names('input').includes('internal') ? [await registry.find('input', 'internal')] : [];
}
