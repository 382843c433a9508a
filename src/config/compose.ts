/** Checked sections → the configuration the agent runs: adds inherited settings, filters and fingerprints. */
import { join } from 'node:path';

import type { KeySelector, Selector } from '../metric/filter.ts';
import type { z } from '../plugin/index.ts';

import type { CheckedEntry } from './check-entries.ts';
import type { NotifierEntry } from '../alerts/entry.ts';
import type { AgentSettings } from './config.ts';
import type { OutputEntry } from '../deliver/entry.ts';
import type { InputEntry, ProcessorEntry } from '../gather/entry.ts';
import type { PluginEntry } from '../host/entry.ts';
import { fingerprint } from './fingerprint.ts';
import type { agentSchema, SectionKind } from './file-schema.ts';
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

/** Follows the platform: systemd, the file hierarchy standard, XDG, or %ProgramData%. */
function defaultStateFolder({ environment, platform, uid }: System): string {
  const { STATE_DIRECTORY, XDG_STATE_HOME, HOME, ProgramData } = environment;
  // Set by systemd for StateDirectory=, which may name several, separated by colons.
  if (STATE_DIRECTORY && platform !== 'win32') return STATE_DIRECTORY.split(':')[0] ?? STATE_DIRECTORY;
  if (platform === 'win32') return join(ProgramData || 'C:\\ProgramData', 'healthd', 'state');
  if (uid === 0) return '/var/lib/healthd';
  if (XDG_STATE_HOME) return join(XDG_STATE_HOME, 'healthd');
  // A system user without a home directory needs state_dir.
  return HOME ? join(HOME, '.local/state/healthd') : '/var/lib/healthd';
}

export function composeInput(entry: CheckedEntry<'input'>, agent: AgentSettings): InputEntry {
  const { settings } = entry;
  const interval = settings.interval ?? agent.interval;
  return finish(entry, {
    interval,
    jitter: settings.jitter ?? agent.jitter,
    offset: settings.offset ?? agent.offset,
    timeout: settings.timeout ?? interval,
    tags: settings.tags,
  });
}

export function composeProcessor(entry: CheckedEntry<'processor'>): ProcessorEntry {
  return finish(entry, {});
}

export function composeOutput(entry: CheckedEntry<'output'>, agent: AgentSettings): OutputEntry {
  const { settings } = entry;
  return finish(entry, {
    flush_interval: settings.flush_interval ?? agent.flush_interval,
    flush_jitter: settings.flush_jitter ?? agent.flush_jitter,
    batch_lines: settings.batch_lines ?? agent.batch_lines,
    batch_bytes: settings.batch_bytes ?? agent.batch_bytes,
    timeout: settings.timeout,
    from: settings.from,
    catch_up: settings.catch_up,
    catch_up_rate: settings.catch_up_rate,
  });
}

export function composeNotifier(entry: CheckedEntry<'notifier'>): NotifierEntry {
  const { min_level, send_resolved, timeout, rate, ttl } = entry.settings;
  return finish(entry, { min_level, send_resolved, timeout, rate, ttl });
}

type WrittenFilter = Partial<Pick<CheckedEntry<'input'>['settings'], 'only' | 'drop' | 'fields' | 'tag_keys'>>;

/** @param effective with inherited settings, so that a change of `agent` changes the fingerprints of entries that inherit */
function finish<Kind extends SectionKind, Settings extends object>(
  { plugin, version, file, alias, options, settings }: CheckedEntry<Kind>,
  effective: Settings,
): Settings & PluginEntry<CheckedEntry<Kind>['plugin']> {
  const { only, drop, fields, tag_keys } = settings as WrittenFilter;
  const filter = {
    only: selector(only),
    drop: selector(drop),
    fields: keySelector(fields),
    tag_keys: keySelector(tag_keys),
  };
  const identity = { plugin: plugin.name, version, alias, options, filter, settings: effective };
  const entry = { ...effective, plugin, alias, options, filter, fingerprint: fingerprint(identity) };
  return file === undefined ? entry : { ...entry, file };
}

function selector(written: WrittenFilter['only']): Selector | undefined {
  return Array.isArray(written) ? { names: written } : written;
}

function keySelector(written: WrittenFilter['fields']): KeySelector | undefined {
  return Array.isArray(written) ? { only: written } : written;
}
