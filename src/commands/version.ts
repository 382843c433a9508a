/** `healthd version`. */
import { healthdVersion } from '../version.ts';

import { EXIT, type ExitCode, type Terminal } from './command.ts';

export function version(_input: object, { stdout }: Terminal): Promise<ExitCode> {
  stdout.write(`${healthdVersion()}\n`);
  return Promise.resolve(EXIT.ok);
}
