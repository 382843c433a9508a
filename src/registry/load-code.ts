/**
 * Imports external code: plugins and `healthd.config.ts`. Uses jiti for all of it, plain JavaScript included: only jiti lets a
 * file in any folder import `healthd/plugin` and get the running modules (a second copy would have other error classes), and
 * lets a reload see changes to the file and to its imports.
 */
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { ConfigError, describeError, errorCode } from '../core/errors.ts';

import { readObeyed, type TrustedOwners } from './file-permissions.ts';
import { readImports } from './imports.ts';

export interface Code {
  /** Absolute path. */
  readonly file: string;
  readonly exports: unknown;
  /** SHA-256 of the file and of the files that it imports by path. */
  readonly hash: string;
}

const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** Whether a specifier is a path: `./x.ts`, `../x.mjs`, `/opt/x.js`, `C:\x.ts`. */
export function isCodePath(specifier: string): boolean {
  return /^\.{1,2}[\\/]/.test(specifier) || isAbsolute(specifier) || /^[a-z]:[\\/]/i.test(specifier);
}

/** Whether a specifier names an external package: a scoped one or one called `healthd-…`. */
export function isPackageName(specifier: string): boolean {
  return PACKAGE_NAME.test(specifier) && /^@|^healthd-/.test(specifier);
}

/**
 * Runs a module and returns its exports. Each call runs it again.
 *
 * @param specifier a path relative to the folder of `from`, or a package, resolved from that folder and then from healthd's own
 * @param modules further modules that it may import, by name
 * @throws ConfigError if the module is missing or throws, or others than the owners could have written it or an import
 */
export async function importCode(
  specifier: string,
  from: string,
  owners: TrustedOwners,
  modules: Readonly<Record<string, unknown>> = {},
): Promise<Code> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(from, {
    // A cache in the shared temporary folder would let any local user inject code into a root process.
    fsCache: false,
    moduleCache: false,
    transformModules: isCodePath(specifier) ? [] : [specifier],
    virtualModules: {
      'healthd/plugin': await import('../plugin/index.ts'),
      'healthd/testing': await import('../testing.ts'),
      ...modules,
    },
  });
  const file = isCodePath(specifier)
    ? resolve(dirname(from), specifier)
    : resolvePackage(specifier, (id, parent) => jiti.esmResolve(id, { try: true, parentURL: parent }), from);
  const content = await readCode(file, owners);
  const hash = await readImports(file, content, owners);
  try {
    return { file, exports: await jiti.import(file), hash };
  } catch (error) {
    throw new ConfigError(`${file} failed to load: ${describeError(error)}`, { cause: error });
  }
}

function resolvePackage(name: string, find: (id: string, parent: string) => string | undefined, from: string): string {
  const found = PACKAGE_NAME.test(name)
    ? (find(name, pathToFileURL(from).href) ?? find(name, import.meta.url))
    : undefined;
  if (found === undefined) {
    throw new ConfigError(`The package "${name}" is not installed; run: npm install --prefix ${dirname(from)} ${name}`);
  }
  return found.startsWith('file:') ? fileURLToPath(found) : found;
}

async function readCode(file: string, owners: TrustedOwners): Promise<Buffer> {
  try {
    return await readObeyed(file, owners);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = errorCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${describeError(error)})`;
    throw new ConfigError(`${file} ${reason}`, { cause: error });
  }
}
