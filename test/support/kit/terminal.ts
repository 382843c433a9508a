/** Runs the built command line on a pseudo terminal of 80 columns. */
import { spawn } from 'node:child_process';

import { CLI } from './cli.ts';

/** For `testWith`. */
export const PSEUDO_TERMINAL = { binary: 'script', package: 'bsdutils' } as const;

export interface OnTerminal {
  /** What was shown so far, without the codes of looks. */
  shown(): string;
  /** With them. */
  raw(): string;
  /** Types keys. */
  type(text: string): void;
  readonly ended: Promise<void>;
}

export function runOnTerminal(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): OnTerminal {
  const words = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const command = `stty cols 80 rows 24; exec ${words.join(' ')}`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent', TERM: 'xterm', ...env },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  return {
    shown: () => output.replace(/\u001b\[[\d;]*m/g, '').replaceAll('\r', ''),
    raw: () => output,
    type: (text) => child.stdin.write(text),
    ended: new Promise((resolve) => {
      child.once('close', () => {
        resolve();
      });
    }),
  };
}
