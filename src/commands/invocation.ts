/** How the reader of a hint calls this program: hints are to be copied. */
import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';

import type { Terminal } from './command.ts';

/**
 * `healthd` if the shell finds this program by that name, else the path of the script.
 *
 * @param script as the process was started
 */
export function invocation({ environment, cwd }: Terminal, script = process.argv[1] ?? 'healthd'): string {
  if (isInPath(script, environment['PATH'] ?? '')) return 'healthd';
  const short = relative(cwd, script);
  return `node ${short.startsWith('..') ? script : short}`;
}

function isInPath(script: string, path: string): boolean {
  const first = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'healthd'))
    .find(isExecutable);
  return first !== undefined && realpathSync(first) === realpathSync(script);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
