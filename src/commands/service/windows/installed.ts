/** What of healthd is installed on Windows. */
import { ConfigError } from '../../../core/errors.ts';
import { SERVICE_NAME } from '../../../service/windows/account.ts';
import { commandLine } from '../../../service/windows/command.ts';
import { parseTask } from '../../../service/windows/task.ts';

import type { runProgram } from '../steps.ts';

import type { Places } from './places.ts';

/** The exit code of sc.exe, ERROR_SERVICE_DOES_NOT_EXIST. */
const NOT_INSTALLED = 1060;

export type Installed =
  | { readonly kind: 'service'; readonly isRunning: boolean }
  | { readonly kind: 'task'; readonly config: string | undefined };

/** @throws ConfigError if somebody else has installed a service or a task of that name */
export async function installedHere(at: Places, run: typeof runProgram): Promise<Installed | undefined> {
  const state = await unlessMissing(run([at.sc, 'query', SERVICE_NAME]));
  if (state !== undefined) {
    const settings = await run([at.sc, 'qc', SERVICE_NAME]);
    if (!settings.toLowerCase().includes(at.program.toLowerCase()))
      throw new ConfigError(
        `A service named ${SERVICE_NAME} is there that healthd has not installed; remove it with the program that has, or with: ${commandLine([at.sc, 'delete', SERVICE_NAME])}`,
      );
    return { kind: 'service', isRunning: /:\s+\d+\s+(?:RUNNING|START_PENDING)\b/.test(state) };
  }
  // It has one exit code for every reason, and texts in the language of the system.
  const xml = await run([at.schtasks, '/query', '/tn', SERVICE_NAME, '/xml']).catch(() => undefined);
  if (xml === undefined) return undefined;
  const task = parseTask(xml);
  if (task === undefined) throw new ConfigError(`A task named ${SERVICE_NAME} is there that healthd has not registered; remove it first`); // prettier-ignore
  return { kind: 'task', config: task.config };
}

async function unlessMissing(asked: Promise<string>): Promise<string | undefined> {
  try {
    return await asked;
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { readonly code?: unknown };
    if (code === NOT_INSTALLED) return undefined;
    throw error;
  }
}
