/** Checks the section `alerts` against what it refers to: fields of inputs and names of notifiers. */
import { compileAlerts, type AlertSettings } from '../alerts/settings.ts';
import type { AlertsConfig } from '../alerts/schema.ts';
import type { InputPlugin } from '../plugin/index.ts';
import type { Registry } from '../registry/registry.ts';

import type { CheckContext, CheckedEntry } from './check-entries.ts';
import { knownFields, withProviders } from './known-fields.ts';

export interface AlertSurroundings {
  readonly inputs: readonly CheckedEntry<'input'>[];
  readonly processors: readonly CheckedEntry<'processor'>[];
  readonly notifiers: readonly CheckedEntry<'notifier'>[];
  /** Every key under `notifiers`, including those of invalid entries. */
  readonly names: readonly string[];
  readonly registry: Registry;
  readonly isHub: boolean;
}

export async function checkAlerts(
  config: AlertsConfig,
  { inputs, processors, notifiers, names, registry, isHub }: AlertSurroundings,
  { report }: Pick<CheckContext, 'report'>,
): Promise<AlertSettings> {
  const receivers = names.map((name) => {
    const found = notifiers.find(({ alias }) => alias === name);
    return { name, minLevel: found?.settings.min_level, each: found?.plugin.each };
  });
  const known = {
    ...knownFields({
      inputs: [...inputs.map(({ plugin }) => plugin), ...(await selfMonitoring(registry))],
      processors,
    }),
    isHub,
  };
  // Only the user's own rules can misspell a field, and only for them is it worth loading every input for a hint.
  const hasOwnRules = config.rules.length > 0 || config.thresholds !== undefined;
  const { settings, problems } = await compileAlerts(
    config,
    receivers,
    hasOwnRules ? await withProviders(known, registry) : known,
  );
  for (const { path, ...complaint } of problems) report(['alerts', ...path], 'value', complaint);
  return settings;
}

/** Rules are evaluated on the agent's own metrics even if the input `internal` is not configured. */
async function selfMonitoring(registry: Registry): Promise<readonly InputPlugin[]> {
  return registry.names('input').includes('internal') ? [await registry.find('input', 'internal')] : [];
}
