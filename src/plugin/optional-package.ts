/** Packages that only some plugins need, and that an installation may lack. */
import { ConfigError, errorCode } from '../core/errors.ts';

const MISSING = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/**
 * @param load an `import()` of the package; in place, so that bundlers and type checkers see it
 * @throws ConfigError that says what to install
 */
export async function optionalPackage<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!MISSING.has(errorCode(error) ?? '')) throw error;
    throw new ConfigError(`The package ${name} is not installed; run "npm install ${name}" beside healthd`, {
      cause: error,
    });
  }
}
