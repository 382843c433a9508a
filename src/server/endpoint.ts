/** Path of the socket through which commands reach the daemon of a state directory. Only its user may open it. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, win32 } from 'node:path';

import { errorCode } from '../core/errors.ts';

/** `sun_path` of sockaddr_un holds 108 bytes with the final zero on Linux, 104 on macOS. */
const LONGEST_PATH = 103;

export interface Endpoint {
  readonly path: string;
  /** Whether it is a file, which a killed process leaves behind. */
  readonly isFile: boolean;
}

/** @returns undefined if the path is too long for a socket */
export function controlEndpoint(stateDirectory: string, platform: NodeJS.Platform): Endpoint | undefined {
  if (platform === 'win32') {
    const identity = `${win32.resolve(stateDirectory).toLowerCase()}\n${keyIn(stateDirectory) ?? ''}`;
    const name = createHash('sha256').update(identity).digest('hex').slice(0, 32);
    return { path: `\\\\.\\pipe\\healthd-${name}`, isFile: false };
  }
  const path = join(stateDirectory, 'control.sock');
  return Buffer.byteLength(path) > LONGEST_PATH ? undefined : { path, isFile: true };
}

/** The name of a pipe is open to every user, who could take it first: part of it is a secret that only the state directory has. */
const KEY_FILE = 'control.key';

/** @throws the system's error if the key cannot be made */
export function makeControlKey(stateDirectory: string, platform: NodeJS.Platform): void {
  if (platform !== 'win32' || keyIn(stateDirectory) !== undefined) return;
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  writeFileSync(join(stateDirectory, KEY_FILE), `${randomBytes(16).toString('hex')}\n`, { mode: 0o600 });
}

/** @returns undefined if there is none: no agent has run there */
function keyIn(stateDirectory: string): string | undefined {
  try {
    return /^[0-9a-f]{32}/.exec(readFileSync(join(stateDirectory, KEY_FILE), 'latin1'))?.[0];
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
