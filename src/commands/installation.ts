import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { healthdVersion } from '../version.ts';

/** Files that each upgrade writes. */
const FILES = ['package.json', 'dist/cli.js'];

/**
 * Notices when the files of the program are replaced while it runs: what it has not loaded by then may be gone.
 *
 * @param folder of the installation; default: that of this program
 * @returns asks; the answer is a sentence, or undefined while the files are the same
 */
export function watchInstallation(folder = installationFolder()): () => string | undefined {
  const version = healthdVersion();
  const before = identity(folder);
  return () => {
    if (identity(folder) === before) return undefined;
    const now = versionIn(folder);
    const by = now === undefined || now === version ? '' : ` by version ${now}`;
    return `healthd ${version} was replaced${by} while it runs; restart it, since a reload still runs the old version`;
  };
}

/** Found by name, wherever the bundler puts this code. */
function installationFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('healthd/package.json'));
}

/** The program of a thread, in `dist/`. */
export function threadProgram(file: 'watchdog-thread.js' | 'history-thread.js'): URL {
  return pathToFileURL(join(installationFolder(), 'dist', file));
}

/** Differs for a file that was written again or replaced by another. npm gives all files of a package one time. */
function identity(folder: string): string {
  const parts = FILES.map((file) => {
    const status = statSync(join(folder, file), { throwIfNoEntry: false });
    return status === undefined ? 'none' : `${status.ino} ${status.size} ${status.mtimeMs}`;
  });
  return parts.join(', ');
}

function versionIn(folder: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      readonly version?: unknown;
    };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined; // removed, or being written
  }
}
