/** Loads a configuration: find, parse, merge, substitute, validate. */
import { trustedOwners } from '../registry/file-permissions.ts';
import type { Registry } from '../registry/registry.ts';

import { withEnvironmentFile } from './environment-file.ts';
import { findConfig } from './find.ts';
import { merge, withDraft, withFragments, type DraftFile } from './merge.ts';
import { opaqueSource } from './source.ts';
import type { Environment } from './substitute.ts';
import { validate, type DefaultEntries, type LoadedConfig } from './validate.ts';

export type { DefaultEntries, DraftFile, LoadedConfig };

export interface LoadSettings {
  /** From the command line; relative to `cwd`. */
  readonly path?: string | undefined;
  readonly cwd: string;
  readonly environment: Environment;
  readonly registry: Registry;
  /** Default: that of this process. */
  readonly platform?: NodeJS.Platform;
  /** The user whose permissions are checked. Default: that of this process. */
  readonly uid?: number | undefined;
  /** What takes the place of missing sections. */
  readonly defaults?: DefaultEntries | undefined;
  /** A file of `alerts.d` that is checked before it is written. */
  readonly draft?: DraftFile | undefined;
}

/**
 * Finds and reads the configuration. Without a file this is the built-in default: the common host inputs, written to the
 * console. Opens no connection and creates no plugin instance.
 *
 * @throws InvalidConfig with every problem of the files; ConfigError if a file is missing, unreadable or not trusted
 */
export async function loadConfig(settings: LoadSettings): Promise<LoadedConfig> {
  const system = systemOf(settings);
  const owners = trustedOwners(system.uid, system.environment);
  const found = await findConfig({ ...settings, ...system, owners });
  const { draft, registry, defaults } = settings;
  if (found === undefined) {
    if (draft === undefined) return checkConfig({}, settings);
    return validate(await withDraft(opaqueSource('', {}), draft, owners), registry, system, defaults);
  }
  const environment = await withEnvironmentFile(found.file, system.environment, owners);
  return validate(await withFragments(found, owners, draft), registry, { ...system, environment }, defaults);
}

/**
 * Checks a configuration given as a value. Relative paths in it are resolved against `cwd`.
 *
 * @throws InvalidConfig with every problem
 */
export async function checkConfig(value: unknown, settings: Omit<LoadSettings, 'path'>): Promise<LoadedConfig> {
  const source = { ...merge([opaqueSource('', value)]), files: [] };
  return validate(source, settings.registry, systemOf(settings), settings.defaults);
}

export function systemOf({ cwd, environment, platform, uid }: Omit<LoadSettings, 'path'>) {
  return { cwd, environment, platform: platform ?? process.platform, uid: uid ?? process.getuid?.() };
}
