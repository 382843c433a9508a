/**
 * The lock of a directory on Windows: a file that is open without sharing. Unlike the name of a pipe it cannot be guessed and taken by
 * another user, it is the same for every spelling of the path, and the system closes it however the process ends.
 */
import { closeSync, constants, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { errorCode } from '../core/errors.ts';

/** `UV_FS_O_EXLOCK`: nobody else may open it. Node passes it on, but does not name it. */
const EXCLUSIVE = 0x10000000;

/** Somebody who only looks holds the file for a moment. */
const ATTEMPTS = 5;
const PAUSE_MS = 40;

const IN_USE: readonly (string | undefined)[] = ['EBUSY', 'EPERM', 'EACCES'];

/** @throws the system's error if the file cannot be made */
export async function lockFile(
  directory: string,
  open = openExclusive,
): Promise<{ readonly release: () => void } | { readonly holder: string }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const descriptor = open(join(directory, 'lock'));
      // Beside it, because the lock itself cannot be read.
      writeFileSync(join(directory, 'lock.pid'), `${process.pid}\n`);
      return {
        release: () => {
          closeSync(descriptor);
        },
      };
    } catch (error) {
      if (errorCode(error) !== 'EBUSY') throw error;
      if (attempt === ATTEMPTS) return { holder: holderIn(directory) };
      await sleep(PAUSE_MS);
    }
  }
}

/** @returns undefined if no process holds it */
export function findWindowsHolder(directory: string, open = openExclusive): string | undefined {
  try {
    closeSync(open(join(directory, 'lock'), constants.O_RDWR));
    return undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (IN_USE.includes(errorCode(error))) return holderIn(directory);
    throw error;
  }
}

function openExclusive(file: string, flags = constants.O_RDWR | constants.O_CREAT): number {
  return openSync(file, flags | EXCLUSIVE);
}

function holderIn(directory: string): string {
  try {
    return /^\d{1,10}/.exec(readFileSync(join(directory, 'lock.pid'), 'latin1'))?.[0] ?? 'of unknown number';
  } catch {
    return 'of unknown number';
  }
}
