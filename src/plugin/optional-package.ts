import { ConfigError, errorCode } from '../core/errors.ts';

const MISSING = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/**
 * Loads a package that only some plugins need and that may not be installed.
 *
 * @param load an `import()` of the package, written out so that bundlers and type checkers see it
 * @throws ConfigError if it is not installed; the message says what to run
 */
export async function optionalPackage<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!MISSING.has(errorCode(error) ?? '')) throw error;
    throw new ConfigError(`The package ${name} is not installed; run "npm install ${name}" in the folder of healthd`, {
      cause: error,
    });
  }
}
