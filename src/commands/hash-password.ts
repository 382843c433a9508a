/** `healthd hash-password`: reads a password or token from standard input, and prints its hash for `server`. */
import { createInterface } from 'node:readline/promises';

import { ConfigError } from '../core/errors.ts';
import { hashSecret } from '../server/access/credentials.ts';

import { EXIT, type ExitCode, type Terminal } from './command.ts';
import { print } from './print.ts';

export async function hashPassword(_input: object, { stdout }: Terminal): Promise<ExitCode> {
  const lines = createInterface({ input: process.stdin });
  // On a terminal the password is visible: this command is made for a pipe, such as `pass show healthd | healthd …`.
  let secret = '';
  for await (const line of lines) {
    secret = line;
    break;
  }
  if (secret === '') throw new ConfigError('Nothing was read; write: echo PASSWORD | healthd hash-password');
  print(stdout, await hashSecret(secret));
  return EXIT.ok;
}
