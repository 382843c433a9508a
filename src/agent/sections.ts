/** What of the configuration each part takes. */
import { hostname } from 'node:os';

import type { AlertsSection } from '../alerts/part.ts';
import type { Config } from '../config/config.ts';
import type { OutputEntry } from '../deliver/entry.ts';
import type { GatherSection } from '../gather/part.ts';
import type { HistorySection } from '../history/part.ts';
import type { HubSection } from '../hub/part.ts';
import type { JournalSection } from '../journal/part.ts';
import type { Tags } from '../metric/metric.ts';
import type { PluginEntry } from '../host/entry.ts';
import type { Host, Plugin } from '../plugin/index.ts';
import type { ServerSection } from '../server/part.ts';
import type { StatusSection } from '../status/part.ts';

export function journalSection({ journal, agent }: Config): JournalSection {
  return { settings: journal, stateDirectory: agent.state_dir };
}

export function historySection(config: Config, host: Host): HistorySection {
  const { history, agent, journal } = config;
  const { buffer, max_bytes, max_age } = journal;
  return {
    settings: history,
    stateDirectory: agent.state_dir,
    ownName: globalTags(config, host)['host'],
    journal: { buffer, max_bytes, max_age },
  };
}

/** Inputs that other programs write metrics of their hosts to. */
const LISTENERS: readonly string[] = ['influxdb_listener', 'prometheus_remote_write', 'opentelemetry'];

export function hubSection(config: Config, host: Host): HubSection {
  const { hub, agent, inputs } = config;
  const listeners = inputs.filter(({ plugin }) => LISTENERS.includes(plugin.name)).map(({ alias }) => alias);
  return { settings: hub, stateDirectory: agent.state_dir, listeners, ownName: globalTags(config, host)['host'] };
}

/**
 * A hub sends to other hubs only what is its own, and notifies of its alerts by itself: of two hubs that send to each other, each line
 * goes one way, once.
 */
export function outputsSection(config: Config, host: Host): readonly OutputEntry[] {
  const { hub, outputs } = config;
  if (hub === undefined) return outputs;
  const own = globalTags(config, host)['host'];
  return outputs.map((entry) => {
    if (entry.plugin.name !== 'hub') return entry;
    const fingerprint = `${entry.fingerprint} of the hub ${own ?? ''}`;
    return { ...entry, fingerprint, filter: { ...entry.filter, host: { is: own } } };
  });
}

export function alertsSection(config: Config, host: Host): AlertsSection {
  const { agent, alerts, inputs, notifiers } = config;
  return {
    settings: alerts,
    notifiers,
    stateDirectory: agent.state_dir,
    globalTags: globalTags(config, host),
    inputs: inputs.map(({ alias, plugin, fingerprint }) => ({ alias, plugin: plugin.name, fingerprint })),
    hasInternal: inputs.some(({ plugin }) => plugin.name === 'internal'),
  };
}

export function serverSection({ agent, alerts, server, hub }: Config, host: Host): ServerSection {
  return {
    settings: server === false ? undefined : server,
    stateDirectory: agent.state_dir,
    isHub: hub !== undefined,
    publicUrl: alerts.display.publicUrl,
    hostnames: [host.hostname, hostname(), `${hostname()}.local`],
  };
}

export function gatherSection(config: Config, host: Host): GatherSection {
  const { inputs, processors } = config;
  return { inputs, processors, globalTags: globalTags(config, host) };
}

export function statusSection({ agent }: Config): StatusSection {
  return { intervalMs: agent.interval, tags: agent.tags, stateDirectory: agent.state_dir };
}

export function globalTags({ agent }: Config, host: Host): Tags {
  return agent.omit_hostname ? agent.tags : { host: agent.hostname ?? host.hostname, ...agent.tags };
}

export function entriesOf({ inputs, processors, outputs, notifiers }: Config): readonly PluginEntry<Plugin>[] {
  return [...inputs, ...processors, ...outputs, ...notifiers];
}
