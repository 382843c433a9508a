/** On Windows: whether somebody else could have written the configuration. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { CONFIG_NAMES, searchFolders } from '../config/find.ts';
import { systemClock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import { WindowsReader } from '../host/windows/reader.ts';
import { distrustSddl } from '../registry/windows-permissions.ts';

const TIMEOUT_MS = 60_000;
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
export async function refuseForeignFolders(where: Where, reader = new WindowsReader(systemClock)): Promise<void> {
  if (where.environment['HEALTHD_CONFIG_OWNER'] === 'anybody') return;
  const looked = obeyed(where);
  if (looked.length === 0) return;
  const lease = reader.lease();
  try {
    const request = { paths: looked.map(({ path }) => path) };
    const { elevated, sddl } = accessOf(await lease.ask('access', request, systemClock.signal(TIMEOUT_MS)));
    if (elevated === false) return;
    if (elevated !== true || !Array.isArray(sddl) || sddl.length !== looked.length)
      throw new Error('It gave no access lists');
    for (const [index, { path, isAbove }] of looked.entries()) {
      const reason = distrustSddl(String(sddl[index]), isAbove);
      if (reason !== undefined) throw refused(path, reason);
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const trust = 'or set HEALTHD_CONFIG_OWNER=anybody if only administrators can write the configuration';
    throw new ConfigError(
      `Windows does not say who may write the configuration; let healthd run powershell.exe, ${trust}`,
      {
        cause: error,
      },
    );
  } finally {
    lease.release();
  }
}

function accessOf([answer]: readonly unknown[]): { readonly elevated?: unknown; readonly sddl?: unknown } {
  return answer ?? {};
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
      ? searchFolders({ cwd, environment, platform: 'win32', owners: undefined })
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
  const looked = [folder, ...(files ?? []), ...fragments, ...within].map((one) => ({ path: one, isAbove: false }));
  const above: Looked[] = [];
  for (let at = dirname(folder); ; at = dirname(at)) {
    above.push({ path: at, isAbove: true });
    if (at === dirname(at)) break;
  }
  return [...looked, ...above];
}
