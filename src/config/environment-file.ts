/**
 * The file `environment` beside the configuration: variables that systemd gives the service. Commands of root read it too, so
 * that `${env:NAME}` means the same there.
 */
import { dirname, join } from 'node:path';

import { errorCode } from '../core/errors.ts';
import { readObeyed, type TrustedOwners } from '../registry/file-permissions.ts';

import type { Environment } from './substitute.ts';

export const ENVIRONMENT_FILE = 'environment';

/**
 * @param config the configuration
 * @returns the environment, with the variables of the file that it lacks; as it is if the file cannot be read, as for the
 *   user of the service
 * @throws ConfigError if others than the owners could have written the file
 */
export async function withEnvironmentFile(
  config: string,
  environment: Environment,
  owners: TrustedOwners,
): Promise<Environment> {
  try {
    const text = (await readObeyed(join(dirname(config), ENVIRONMENT_FILE), owners)).toString('utf8');
    return { ...variablesIn(text), ...environment };
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EISDIR'].includes(errorCode(error) ?? '')) return environment;
    throw error;
  }
}

/** As systemd.exec(5) says of EnvironmentFile=, but for the quotes, which are taken as those around a whole value. */
function variablesIn(text: string): Environment {
  const lines = text.replaceAll(/\\\r?\n/g, '').split(/\r?\n/);
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value = ''] = /^[ \t]*([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, unquoted(value.trim())] as const];
    }),
  );
}

function unquoted(value: string): string {
  const [first = ''] = value;
  const isQuoted = value.length > 1 && (first === '"' || first === "'") && value.endsWith(first);
  const inner = isQuoted ? value.slice(1, -1) : value;
  if (isQuoted && first === "'") return inner;
  return inner.replaceAll(isQuoted ? /\\(["\\$`])/g : /\\(.)/g, '$1');
}
