/** `healthd version`. */
import { healthdVersion } from '../version.ts';

import { EXIT, type ExitCode, type Terminal } from './command.ts';
import { print } from './print.ts';

export function version(_input: object, { stdout }: Terminal): Promise<ExitCode> {
  print(stdout, healthdVersion());
  return Promise.resolve(EXIT.ok);
}
