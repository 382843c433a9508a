/**
 * Finds the configuration: `--config`, HEALTHD_CONFIG, the working directory, `$XDG_CONFIG_HOME/healthd`, then
 * /etc/healthd (%ProgramData%\healthd on Windows). Parent folders are not searched.
 */
import { access, constants, lstat, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { CosmiconfigResult, Loader, Options } from 'cosmiconfig';

import { ConfigError, errorCode } from '../core/errors.ts';

import { checkObeyed, type TrustedOwners } from '../registry/file-permissions.ts';

import { parseFile, parseText } from './parse.ts';
import type { Source } from './source.ts';
import type { Environment } from './substitute.ts';

export const CONFIG_NAMES = [
  'healthd.yaml',
  'healthd.yml',
  'healthd.toml',
  'healthd.json',
  'healthd.config.ts',
  'healthd.config.js',
  'healthd.config.mjs',
] as const;

export interface FindSettings {
  /** From the command line; relative to `cwd`. */
  readonly path?: string | undefined;
  readonly cwd: string;
  readonly environment: Environment;
  readonly platform: NodeJS.Platform;
  /** Whose files are obeyed. */
  readonly owners: TrustedOwners;
}

/** The folders to search, in order. */
export function searchFolders({
  cwd,
  environment,
  platform,
}: Pick<FindSettings, 'cwd' | 'environment' | 'platform'>): readonly string[] {
  const { XDG_CONFIG_HOME, HOME, USERPROFILE, ProgramData } = environment;
  const home = HOME || USERPROFILE;
  const configHome = XDG_CONFIG_HOME || (home ? join(home, '.config') : undefined);
  const system = platform === 'win32' ? join(ProgramData || 'C:\\ProgramData', 'healthd') : '/etc/healthd';
  return [resolve(cwd), ...(configHome === undefined ? [] : [join(configHome, 'healthd')]), system];
}

/**
 * @returns the parsed file, or `undefined` if there is none
 * @throws ConfigError if a named file is missing, or a file cannot be read or is not trusted; InvalidConfig if it cannot
 *   be parsed
 */
export async function findConfig(settings: FindSettings): Promise<Source | undefined> {
  const named = settings.path ?? (settings.environment['HEALTHD_CONFIG'] || undefined);
  if (named !== undefined) {
    const origin = settings.path === undefined ? 'HEALTHD_CONFIG' : '--config';
    return loadNamed(resolve(settings.cwd, named), origin, settings.owners);
  }
  for (const folder of searchFolders(settings)) {
    await refuseForeign(folder, settings.owners);
    const explorer = await openExplorer(settings.owners);
    const found = await search(explorer, folder);
    if (found !== null) return sourceOf(found, settings.owners);
    await refuseUnreadable(folder);
  }
  return undefined;
}

async function loadNamed(file: string, origin: string, owners: TrustedOwners): Promise<Source> {
  try {
    // Before cosmiconfig opens it.
    await checkObeyed(file, owners);
    const explorer = await openExplorer(owners);
    return await sourceOf(await explorer.load(file), owners);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    const named = `The configuration ${file}, named by ${origin},`;
    if (errorCode(error) === 'ENOENT') throw new ConfigError(`${named} does not exist`);
    if (errorCode(error) === 'EISDIR') throw new ConfigError(`${named} is a folder; name a file in it`);
    throw unreadable(named, error);
  }
}

/** @param what subject of the sentence */
function unreadable(what: string, error: unknown): ConfigError {
  if (errorCode(error) !== 'EACCES') return new ConfigError(`${what} cannot be read`, { cause: error });
  return new ConfigError(
    `${what} may not be read by this user (EACCES); run this as the user of the agent, or as root`,
  );
}

interface Explorer {
  load(file: string): Promise<CosmiconfigResult>;
  search(folder: string): Promise<CosmiconfigResult>;
}

/**
 * `cosmiconfig()` itself first looks for cosmiconfig's own configuration in the working directory, and runs it if it is
 * code, whatever the options. The inner class does not.
 */
async function openExplorer(owners: TrustedOwners): Promise<Explorer> {
  const module = (await import('cosmiconfig/dist/Explorer.js')) as unknown as {
    readonly Explorer: new (options: Options & Readonly<Record<string, unknown>>) => Explorer;
  };
  // What cosmiconfig has read is not used: it did not check the owner of what it opened.
  const load: Loader = (file) => parseFile(file, owners);
  return new module.Explorer({
    moduleName: 'healthd',
    searchPlaces: [...CONFIG_NAMES],
    searchStrategy: 'none',
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: { default: load },
    transform: (result: CosmiconfigResult) => result,
    mergeImportArrays: false,
    mergeSearchPlaces: false,
    metaConfigFilePath: null,
  });
}

/** A folder that is missing or may not be entered counts as one without a configuration. */
async function search(explorer: Explorer, folder: string): Promise<CosmiconfigResult> {
  try {
    return await explorer.search(folder);
  } catch (error) {
    if (['EACCES', 'ENOTDIR', 'ENOENT'].includes(errorCode(error) ?? '')) return null;
    throw error;
  }
}

/** cosmiconfig does not pass an empty file to the loader, so its problem is raised here. */
async function sourceOf(result: CosmiconfigResult, owners: TrustedOwners): Promise<Source> {
  if (result === null) throw new ConfigError('cosmiconfig gave no result for a file that exists');
  return result.isEmpty === true ? parseText(result.filepath, '', owners) : (result.config as Source);
}

/** Before cosmiconfig opens a file. Further files are not opened: it takes the first. */
async function refuseForeign(folder: string, owners: TrustedOwners): Promise<void> {
  for (const name of CONFIG_NAMES) {
    const file = join(folder, name);
    const isFile = await stat(file).then(
      (status) => !status.isDirectory(),
      () => false,
    );
    if (isFile) return checkObeyed(file, owners);
  }
}

/** The search skips files that it may not read. Silently using another file, or the defaults, would surprise the user. */
async function refuseUnreadable(folder: string): Promise<void> {
  for (const file of CONFIG_NAMES.map((name) => join(folder, name))) {
    const isThere = await lstat(file).then(
      (status) => !status.isDirectory(),
      () => false,
    );
    if (!isThere) continue;
    await access(file, constants.R_OK).catch((error: unknown) => {
      throw unreadable(`The configuration ${file}`, error);
    });
  }
}
