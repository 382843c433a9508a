/** What an installation does, as data: shown by `--dry-run`, else carried out in order. */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { describeError } from '../../core/errors.ts';

export type Step =
  | { readonly run: readonly [string, ...string[]] }
  | { readonly write: string; readonly text: string }
  | { readonly remove: string };

export function stepText(step: Step): string {
  if ('run' in step) return step.run.join(' ');
  return 'write' in step ? `cat > ${step.write} <<'END'\n${step.text}END` : `rm ${step.remove}`;
}

/** @throws Error with what a program wrote to stderr */
export async function carryOut(steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if ('write' in step) await writeFile(step.write, step.text);
    else if ('remove' in step) await rm(step.remove, { force: true });
    else await runProgram(step.run);
  }
}

export async function runProgram([program, ...args]: readonly [string, ...string[]]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args)).stdout;
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new Error(`${[program, ...args].join(' ')} failed: ${stderr.trim() || describeError(error)}`, {
      cause: error,
    });
  }
}
