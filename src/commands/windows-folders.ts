/** On Windows: whether somebody else could have written what healthd obeys, and folders that nobody else can write. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve, win32 } from 'node:path';

import { ENVIRONMENT_FILE } from '../config/environment-file.ts';
import { CONFIG_NAMES, searchFolders } from '../config/find.ts';
import { ConfigError } from '../core/errors.ts';
import { distrustSddl } from '../registry/windows-permissions.ts';

import { runProgram } from './service/steps.ts';
import { askAccess, type AccessLists, type AskAccess } from './windows-access.ts';

/** Folders of fragments beside the configuration. */
const FRAGMENTS = ['conf.d', 'alerts.d'];
/** Files in one of them. */
const MOST_FRAGMENTS = 1000;

interface Looked {
  readonly path: string;
  readonly isAbove: boolean;
}

interface Where {
  readonly path: string | undefined;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * An administrator or the system obeys only files that nobody else could have written. Asks Windows with a process of its own, which
 * ends at once.
 *
 * @throws ConfigError if somebody else could have, or Windows does not say
 */
export async function refuseForeignFolders(where: Where, ask: AskAccess = askAccess): Promise<void> {
  if (isTrustedUnseen(where.environment)) return;
  const looked = obeyed(where);
  if (looked.length === 0) return;
  await refuseForeign(looked, ask);
}

/** @throws ConfigError if this is an administrator and somebody else could have written into the folder, or Windows does not say */
export async function refuseForeignFolder(
  folder: string,
  environment: Where['environment'],
  ask: AskAccess = askAccess,
): Promise<void> {
  if (isTrustedUnseen(environment)) return;
  await refuseForeign([{ path: folder, isAbove: false }, ...foldersAbove(folder)], ask);
}

async function refuseForeign(looked: readonly Looked[], ask: AskAccess): Promise<void> {
  const { elevated, sddl } = await accessOf(looked, ask, 'the configuration');
  if (!elevated) return;
  for (const [index, { path, isAbove }] of looked.entries()) {
    const reason = distrustSddl(sddl[index] ?? '', isAbove);
    if (reason !== undefined) throw refused(path, reason);
  }
}

/**
 * For a service, which runs the program of an administrator for ever.
 *
 * @throws ConfigError if this is no administrator, somebody else could have written a file, or Windows does not say
 */
export async function refuseForeignProgram(
  files: readonly string[],
  environment: Where['environment'],
  ask: AskAccess = askAccess,
): Promise<void> {
  if (isTrustedUnseen(environment)) return;
  const looked = files.flatMap((file) => [{ path: file, isAbove: false }, ...foldersAbove(file)]);
  const { elevated, sddl } = await accessOf(looked, ask, 'the program');
  if (!elevated)
    throw new ConfigError('Only an administrator may do that; open the terminal with "Run as administrator"');
  for (const [index, { path, isAbove }] of looked.entries()) {
    const reason = distrustSddl(sddl[index] ?? '', isAbove);
    if (reason !== undefined)
      throw new ConfigError(
        `The service would run ${path}, which ${reason}; install Node and healthd for all users, such as with: npm install --global --prefix "%ProgramFiles%\\healthd" healthd`,
      );
  }
}

/** The user says that only administrators can write what is obeyed; for where PowerShell is not allowed. */
function isTrustedUnseen(environment: Where['environment']): boolean {
  return environment['HEALTHD_CONFIG_OWNER'] === 'anybody';
}

async function accessOf(looked: readonly Looked[], ask: AskAccess, what: string): Promise<AccessLists> {
  try {
    return await ask(looked.map(({ path }) => path));
  } catch (error) {
    const trust = 'or set HEALTHD_CONFIG_OWNER=anybody if only administrators can write it';
    throw new ConfigError(`Windows does not say who may write ${what}; let healthd run powershell.exe, ${trust}`, {
      cause: error,
    });
  }
}

/** Arguments of icacls.exe: what is inherited goes, the system and administrators come. */
export const CLOSED = ['/inheritance:r', '/grant:r', '*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F'] as const;

/** The rights that the owner of a folder has in it, whoever that is. */
const OWNER_RIGHTS = '*S-1-3-4:(OI)(CI)F';

/**
 * Before the agent uses its state directory, which has tokens, metrics and the name of its pipe. One that is not there is made, open to its
 * owner, the system and administrators only: elsewhere than in a closed folder Windows lets every user write into it.
 *
 * @throws ConfigError if it cannot be closed, or an administrator's has been written by others
 */
export async function closeStateFolder(
  folder: string,
  environment: Where['environment'],
  system = { access: askAccess, run: runProgram },
): Promise<void> {
  if (isTrustedUnseen(environment)) return;
  if (existsSync(folder)) {
    await refuseForeignFolder(folder, environment, system.access);
    return;
  }
  const made = mkdirSync(folder, { recursive: true }) ?? folder;
  const icacls = win32.join(environment['SystemRoot'] ?? 'C:\\Windows', 'System32', 'icacls.exe');
  try {
    await system.run([icacls, made, ...CLOSED, OWNER_RIGHTS]);
  } catch (error) {
    throw new ConfigError(
      `The state directory ${folder} cannot be closed to other users; use another agent.state_dir, or set HEALTHD_CONFIG_OWNER=anybody if nobody else can write it`,
      { cause: error },
    );
  }
}

function refused(path: string, reason: string): ConfigError {
  return new ConfigError(
    `Refusing ${path}: healthd runs as an administrator, and it ${reason}; run: icacls "${path}" /setowner *S-1-5-32-544 && icacls "${path}" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F`,
  );
}

/** What is read, and the folders above. */
function obeyed({ path, cwd, environment }: Where): readonly Looked[] {
  const named = path ?? (environment['HEALTHD_CONFIG'] || undefined);
  const files =
    named === undefined
      ? searchFolders({ cwd, environment, platform: 'win32' })
          .map((folder) => CONFIG_NAMES.map((name) => join(folder, name)).filter((file) => existsSync(file)))
          .find((found) => found.length > 0)
      : [resolve(cwd, named)].filter((file) => existsSync(file));
  const [file] = files ?? [];
  if (file === undefined) return [];
  const folder = dirname(file);
  const fragments = FRAGMENTS.map((name) => join(folder, name)).filter((name) => existsSync(name));
  const within = fragments.flatMap((name) =>
    readdirSync(name)
      .slice(0, MOST_FRAGMENTS)
      .map((one) => join(name, one)),
  );
  const variables = [join(folder, ENVIRONMENT_FILE)].filter((name) => existsSync(name));
  const looked = [folder, ...(files ?? []), ...variables, ...fragments, ...within].map((one) => ({
    path: one,
    isAbove: false,
  }));
  return [...looked, ...foldersAbove(folder)];
}

function foldersAbove(path: string): readonly Looked[] {
  const above: Looked[] = [];
  // Of Windows, also for tests elsewhere, if it has a drive.
  const parent = /^[a-z]:/i.test(path) ? win32.dirname : dirname;
  for (let at = parent(path); ; at = parent(at)) {
    above.push({ path: at, isAbove: true });
    if (at === parent(at)) break;
  }
  return above;
}
