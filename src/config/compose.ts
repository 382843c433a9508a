/** Checked sections → the configuration that the agent runs: inherited settings, filters, fingerprints. */
import { join } from 'node:path';

import type { KeySelector, Selector } from '../metric/filter.ts';
import type { z } from '../plugin/index.ts';

import type { CheckedEntry } from './check-entries.ts';
import type { NotifierEntry } from '../alerts/entry.ts';
import type { AgentSettings } from './config.ts';
import type { OutputEntry } from '../deliver/entry.ts';
import type { InputEntry, ProcessorEntry } from '../gather/entry.ts';
import type { PluginEntry } from '../host/entry.ts';
import type { LogSettings } from '../logging/settings.ts';
import { fingerprint } from './fingerprint.ts';
import type { agentSchema, logSchema, SectionKind } from './schema.ts';
import type { Environment } from './substitute.ts';

export interface System {
  /** Absolute. */
  readonly cwd: string;
  readonly environment: Environment;
  readonly platform: NodeJS.Platform;
  readonly uid: number | undefined;
}

export function composeAgent(agent: z.output<typeof agentSchema>, system: System): AgentSettings {
  return { ...agent, hostname: agent.hostname, state_dir: agent.state_dir ?? defaultStateFolder(system) };
}

export function composeLog({ level, format, file }: z.output<typeof logSchema>): LogSettings {
  return { level, format, file };
}

/** The place for state that the platform's rules give: systemd, the file hierarchy standard, XDG, or %ProgramData%. */
export function defaultStateFolder({ environment, platform, uid }: System): string {
  const { STATE_DIRECTORY, XDG_STATE_HOME, HOME, ProgramData } = environment;
  // Of a unit with StateDirectory=; several are separated by colons.
  if (STATE_DIRECTORY && platform !== 'win32') return STATE_DIRECTORY.split(':')[0] ?? STATE_DIRECTORY;
  if (platform === 'win32') return join(ProgramData || 'C:\\ProgramData', 'healthd', 'state');
  if (uid === 0) return '/var/lib/healthd';
  if (XDG_STATE_HOME) return join(XDG_STATE_HOME, 'healthd');
  // A system user without a home is expected to be given state_dir.
  return HOME ? join(HOME, '.local/state/healthd') : '/var/lib/healthd';
}

export function composeInput(entry: CheckedEntry<'input'>, agent: AgentSettings): InputEntry {
  const { host } = entry;
  const interval = host.interval ?? agent.interval;
  return finish(entry, {
    interval,
    jitter: host.jitter ?? agent.jitter,
    offset: host.offset ?? agent.offset,
    timeout: host.timeout ?? interval,
    tags: host.tags,
  });
}

export function composeProcessor(entry: CheckedEntry<'processor'>): ProcessorEntry {
  return finish(entry, {});
}

export function composeOutput(entry: CheckedEntry<'output'>, agent: AgentSettings): OutputEntry {
  const { host } = entry;
  return finish(entry, {
    flush_interval: host.flush_interval ?? agent.flush_interval,
    flush_jitter: host.flush_jitter ?? agent.flush_jitter,
    batch_lines: host.batch_lines ?? agent.batch_lines,
    batch_bytes: host.batch_bytes ?? agent.batch_bytes,
    timeout: host.timeout,
    from: host.from,
    catch_up: host.catch_up,
    catch_up_rate: host.catch_up_rate,
  });
}

export function composeNotifier(entry: CheckedEntry<'notifier'>): NotifierEntry {
  const { min_level, send_resolved, timeout, rate, ttl } = entry.host;
  return finish(entry, { min_level, send_resolved, timeout, rate, ttl });
}

type HostFilter = Partial<Pick<CheckedEntry<'input'>['host'], 'only' | 'drop' | 'fields' | 'tag_keys'>>;

/** Settings that are inherited are part of the fingerprint, so that a change of `agent` concerns those who inherit. */
function finish<Kind extends SectionKind, Settings extends object>(
  { plugin, version, alias, options, host }: CheckedEntry<Kind>,
  settings: Settings,
): Settings & PluginEntry<CheckedEntry<Kind>['plugin']> {
  const { only, drop, fields, tag_keys } = host as HostFilter;
  const filter = {
    only: selector(only),
    drop: selector(drop),
    fields: keySelector(fields),
    tag_keys: keySelector(tag_keys),
  };
  const identity = { plugin: plugin.name, version, alias, options, filter, settings };
  return { ...settings, plugin, alias, options, filter, fingerprint: fingerprint(identity) };
}

function selector(written: HostFilter['only']): Selector | undefined {
  return Array.isArray(written) ? { names: written } : written;
}

function keySelector(written: HostFilter['fields']): KeySelector | undefined {
  return Array.isArray(written) ? { only: written } : written;
}
