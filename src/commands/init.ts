/** `healthd init`: writes a first configuration. */
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { ConfigError, errorCode } from '../core/errors.ts';

import { EXIT, type ExitCode, type Terminal } from './command.ts';
import { discover } from './discovery.ts';
import { firstConfig, type InitAnswers } from './first-config.ts';
import { invocation } from './invocation.ts';
import { print } from './print.ts';

export interface InitInput {
  /** Default: healthd.yaml in the working directory. */
  readonly file?: string;
  readonly sendTo?: string;
  readonly notify?: string;
  readonly mailServer?: string;
  readonly force?: boolean;
}

/** Only the user may read it: it may hold an address that is a secret. */
const MODE = 0o600;

/** @throws ConfigError for an answer that cannot be used, or if the file exists */
export async function init(input: InitInput, terminal: Terminal): Promise<ExitCode> {
  const file = resolve(terminal.cwd, input.file ?? 'healthd.yaml');
  const isAsking = process.stdin.isTTY && terminal.stdout.isTTY;
  const answers: InitAnswers = isAsking ? await (await import('./ask.ts')).askForAnswers(input, terminal) : input;
  const text = firstConfig(answers, await discover(terminal.environment, process.platform));
  try {
    await writeFile(file, text, { mode: MODE, flag: input.force === true ? 'w' : 'wx' });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw new ConfigError(`${file} exists; --force overwrites it`);
    if (errorCode(error) === 'ENOENT')
      throw new ConfigError(`Cannot write ${file}: the folder ${dirname(file)} does not exist`);
    throw new ConfigError(`Cannot write ${file}`, { cause: error });
  }
  const program = invocation(terminal);
  print(
    terminal.stdout,
    `Wrote ${file}\n\nNext\n  ${program} check --connect --config ${file}\n  ${program} run --config ${file}`,
  );
  return EXIT.ok;
}
