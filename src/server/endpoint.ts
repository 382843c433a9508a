/** Path of the socket through which commands reach the daemon of a state directory. Only its user may open it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

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
    const name = createHash('sha256').update(stateDirectory.toLowerCase()).digest('hex').slice(0, 16);
    return { path: `\\\\.\\pipe\\healthd-${name}`, isFile: false };
  }
  const path = join(stateDirectory, 'control.sock');
  return Buffer.byteLength(path) > LONGEST_PATH ? undefined : { path, isFile: true };
}
