/**
 * Finds the configuration: `--config`, HEALTHD_CONFIG, the working directory, `$XDG_CONFIG_HOME/healthd`, then
 * /etc/healthd (%ProgramData%\healthd on Windows). Parent folders are not searched.
 */
import { access, constants, lstat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { CosmiconfigResult, Loader, Options } from 'cosmiconfig';

import { ConfigError, describeError, errorCode } from '../core/errors.ts';

import { parseText } from './parse.ts';
import type { Source } from './source.ts';
import type { Environment } from './substitute.ts';
import { refuseUntrusted } from './file-permissions.ts';

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
  /** Of this process; `undefined` on platforms without user ids. */
  readonly uid: number | undefined;
}

interface Folder {
  readonly path: string;
  /** A fixed system path, as opposed to one that depends on the working directory or the environment. */
  readonly trusted: boolean;
}

/** The folders to search, in order. */
export function searchFolders({ cwd, environment, platform }: FindSettings): readonly Folder[] {
  const { XDG_CONFIG_HOME, HOME, USERPROFILE, ProgramData } = environment;
  const home = HOME || USERPROFILE;
  const configHome = XDG_CONFIG_HOME || (home ? join(home, '.config') : undefined);
  const system = platform === 'win32' ? join(ProgramData || 'C:\\ProgramData', 'healthd') : '/etc/healthd';
  return [
    { path: resolve(cwd), trusted: false },
    ...(configHome === undefined ? [] : [{ path: join(configHome, 'healthd'), trusted: false }]),
    { path: system, trusted: true },
  ];
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
    return loadNamed(resolve(settings.cwd, named), origin);
  }
  for (const folder of searchFolders(settings)) {
    const explorer = await openExplorer((file) =>
      folder.trusted ? Promise.resolve() : refuseUntrusted(file, settings.uid),
    );
    const found = await search(explorer, folder.path);
    if (found !== null) return sourceOf(found);
    await refuseUnreadable(folder.path);
  }
  return undefined;
}

async function loadNamed(file: string, origin: string): Promise<Source> {
  const explorer = await openExplorer(() => Promise.resolve());
  try {
    return await sourceOf(await explorer.load(file));
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    const reason = errorCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read: ${describeError(error)}`;
    throw new ConfigError(`The configuration ${file}, named by ${origin}, ${reason}`, { cause: error });
  }
}

interface Explorer {
  load(file: string): Promise<CosmiconfigResult>;
  search(folder: string): Promise<CosmiconfigResult>;
}

/**
 * `cosmiconfig()` itself first looks for cosmiconfig's own configuration in the working directory, and runs it if it is
 * code, whatever the options. The inner class does not.
 */
async function openExplorer(check: (file: string) => Promise<void>): Promise<Explorer> {
  const module = (await import('cosmiconfig/dist/Explorer.js')) as unknown as {
    readonly Explorer: new (options: Options & Readonly<Record<string, unknown>>) => Explorer;
  };
  const load: Loader = async (file, text) => {
    await check(file);
    return parseText(file, text);
  };
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
async function sourceOf(result: CosmiconfigResult): Promise<Source> {
  if (result === null) throw new ConfigError('cosmiconfig gave no result for a file that exists');
  return result.isEmpty === true ? parseText(result.filepath, '') : (result.config as Source);
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
      throw new ConfigError(`The configuration ${file} cannot be read: ${describeError(error)}`, { cause: error });
    });
  }
}
