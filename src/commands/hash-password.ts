/** `healthd hash-password`: reads a password or token from standard input, and prints its hash for `server`. */
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

import { ConfigError } from '../core/errors.ts';
import { hashSecret } from '../server/access/credentials.ts';
import { SHORTEST_PASSWORD } from '../server/settings.ts';

import { EXIT, type ExitCode, type Terminal } from './command.ts';
import { print } from './print.ts';

/** @throws ConfigError for none, or a short one */
export async function hashPassword(_input: object, { stdout, stderr }: Terminal): Promise<ExitCode> {
  const { stdin } = process;
  const lines = createInterface({ input: stdin, ...(stdin.isTTY && { output: nowhere(), terminal: true }) });
  // From here on the terminal shows nothing of what is typed.
  if (stdin.isTTY) print(stderr, 'Type the password, which is not shown, and Enter:');
  const secret = await firstLine(lines);
  if (secret === '')
    throw new ConfigError('Nothing was read; type it, or pipe it: pass show healthd | healthd hash-password');
  if (secret.length < SHORTEST_PASSWORD)
    throw new ConfigError(`It is too short: a password has at least ${SHORTEST_PASSWORD} characters`);
  print(stdout, await hashSecret(secret));
  return EXIT.ok;
}

/** @returns empty if there is none, or Ctrl-C was pressed */
function firstLine(lines: Interface): Promise<string> {
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    // After a line, this changes nothing.
    lines.once('close', () => {
      resolve('');
    });
  });
}

function nowhere(): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
}
