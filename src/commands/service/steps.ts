/** What an installation does, as data: shown by `--dry-run`, else carried out in order. */
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { describeError } from '../../core/errors.ts';
import { commandLine } from '../../service/windows/command.ts';

export type Step =
  | { readonly run: readonly [string, ...string[]] }
  | { readonly write: string; readonly text: string | Buffer }
  | { readonly remove: string }
  | { readonly mkdir: string }
  /** @throws to end the installation */
  | { readonly check: string; readonly perform: () => Promise<void> };

export function stepText(step: Step, platform: NodeJS.Platform = process.platform): string {
  const isWindows = platform === 'win32';
  if ('run' in step) return isWindows ? commandLine(step.run) : step.run.join(' ');
  if ('mkdir' in step) return `mkdir ${isWindows ? commandLine([step.mkdir]) : step.mkdir}`;
  if ('check' in step) return `${isWindows ? 'rem' : '#'} ${step.check}`;
  if ('remove' in step) return isWindows ? `del ${commandLine([step.remove])}` : `rm ${step.remove}`;
  const text = typeof step.text === 'string' ? step.text : step.text.toString('utf16le').replace(/^\uFEFF/, '');
  return isWindows
    ? `rem write ${step.write}:\n${text.replaceAll(/^(?=.)/gm, 'rem   ').trimEnd()}`
    : `cat > ${step.write} <<'END'\n${text}END`;
}

/** @throws Error with what a program wrote */
export async function carryOut(steps: readonly Step[], run = runProgram): Promise<void> {
  for (const step of steps) {
    if ('write' in step) await writeFile(step.write, step.text);
    else if ('remove' in step) await rm(step.remove, { force: true });
    else if ('mkdir' in step) await mkdir(step.mkdir, { recursive: true });
    else if ('check' in step) await step.perform();
    else await run(step.run);
  }
}

export async function runProgram([program, ...args]: readonly [string, ...string[]]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args)).stdout;
  } catch (error) {
    // Programs of Windows write what is wrong to standard output.
    const { stderr = '', stdout = '' } = error as { readonly stderr?: string; readonly stdout?: string };
    const said = stderr.trim() || (process.platform === 'win32' ? stdout.trim() : '') || describeError(error);
    throw new Error(`${[program, ...args].join(' ')} failed: ${said}`, { cause: error });
  }
}
