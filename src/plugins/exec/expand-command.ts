import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { compileGlobs, type Command } from '../../plugin/index.ts';

/**
 * Expands a program given as a glob (`/etc/healthd/checks/*.sh`) to all matching files. Only the last path component may be
 * a glob; hidden files match only if it starts with a dot.
 *
 * @throws if nothing matches, or the folder is not readable
 */
export async function expandCommand(command: Command): Promise<Command[]> {
  const [program, ...args] = command;
  const pattern = basename(program);
  if (!/[*?[]/.test(pattern)) return [command];
  const folder = dirname(program);
  const matches = compileGlobs([pattern]);
  const isVisible = (name: string) => !name.startsWith('.') || pattern.startsWith('.');
  const names = (await readdir(folder)).filter((name) => isVisible(name) && matches(name)).sort();
  if (names.length === 0) throw new Error(`No program matches ${program}`);
  return names.map((name) => [join(folder, name), ...args] as const);
}
