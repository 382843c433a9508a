/** Commands and archives, for the scripts of this folder. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** @returns what it prints to stdout. @throws with its stderr if it fails */
export function run(command, args, options = {}) {
  return execFileSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
}

/** The content of an npm tarball. @returns the folder */
export function unpacked(tarball, folder) {
  mkdirSync(folder, { recursive: true });
  run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1', '--no-same-owner']);
  return folder;
}
