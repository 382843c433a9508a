import { join } from 'node:path';

import type { InventoryReport } from '../api/inventory-report.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { pluginContext, type OpenContext } from '../host/context.ts';
import type { PluginEntry } from '../host/entry.ts';
import type { AlertDesk } from '../host/hub/alert-desk.ts';
import type { HostEnvironment } from '../host/machine.ts';
import type { WindowsReader } from '../host/windows/reader.ts';
import type { AgentEvents, FleetEvents, MetricSpec, Plugin, SelfStatistics, Storage } from '../plugin/index.ts';

export interface ContextsOptions {
  /** In use, or being prepared. */
  readonly config: () => Config;
  readonly environment: HostEnvironment;
  readonly logFor: (name: string) => Logger;
  readonly clock: Clock;
  readonly self: SelfStatistics;
  readonly events: AgentEvents;
  readonly storage: Storage;
  readonly fleet: FleetEvents;
  readonly windows: WindowsReader;
  readonly version: string;
  readonly random: () => number;
  /** For the link to a hub; undefined without alerts. */
  readonly desk: () => AlertDesk | undefined;
  /** Of this agent as a hub; undefined: it is none. */
  readonly hubId: () => string | undefined;
  /** For the hub; undefined while nothing is known of the machine. */
  readonly inventory: () => Promise<InventoryReport | undefined>;
  /** Whether the agent stops. */
  readonly isStopping: () => boolean;
}

/** The context of each plugin that the agent makes. */
export function createContexts(options: ContextsOptions): (entry: PluginEntry<Plugin>) => OpenContext {
  const { config, environment, logFor, clock, version, random, isStopping, desk, inventory, hubId, ...shared } =
    options;
  return ({ plugin, alias }) => {
    const section = `${plugin.kind}s`;
    return pluginContext({
      hostname: config().agent.hostname,
      environment,
      log: logFor(alias === plugin.name ? `${section}.${alias}` : `${section}.${plugin.name}::${alias}`),
      clock,
      ...shared,
      describe: (measurement) => describeIn(config(), measurement),
      keptFile: join(config().agent.state_dir, 'plugins', `${section}.${encodeURIComponent(alias)}.json`),
      member: {
        ...{
          alias,
          version,
          random,
          isStopping,
          inventory,
          hubId,
          desk: desk(),
          stateDirectory: config().agent.state_dir,
        },
        tags: () => config().agent.tags,
        hubs: () => hubOutputs(config()),
        isHub: () => config().hub !== undefined,
      },
    });
  };
}

/** Aliases of the outputs to hubs, in their order. */
function hubOutputs({ outputs }: Config): readonly string[] {
  return outputs.filter(({ plugin }) => plugin.name === 'hub').map(({ alias }) => alias);
}

/** Several inputs may report one measurement; the first one that describes it counts. */
function describeIn({ inputs }: Config, measurement: string): MetricSpec | undefined {
  for (const { plugin } of inputs) {
    if (Object.hasOwn(plugin.metrics, measurement)) return plugin.metrics[measurement];
  }
  return undefined;
}
