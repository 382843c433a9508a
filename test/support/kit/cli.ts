/** Runs the built command line as a child process, as a user does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';

export const CLI = join(import.meta.dirname, '../../../dist/cli.js');

/** Root obeys the examples of a clone that another user owns. */
const OWNER = String(statSync(join(import.meta.dirname, '../../..')).uid);

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves when the output contains the text; rejects after `timeout` ms with the whole output. */
  until(text: string | RegExp, timeout?: number): Promise<void>;
  /** Sends the signal and waits for the exit. */
  end(signal?: NodeJS.Signals): Promise<Finished>;
  readonly finished: Promise<Finished>;
}

export interface CliSettings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program with arguments that runs it, such as `ip netns exec NAME`. */
  readonly through?: readonly string[];
}

export function startCli(args: readonly string[], { cwd, env, through = [] }: CliSettings = {}): RunningCli {
  // Keep the developer's own configuration out.
  const clean = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    XDG_CONFIG_HOME: '/nonexistent',
    HEALTHD_CONFIG_OWNER: OWNER,
    ...env,
  };
  const [program = process.execPath, ...all] = [...through, process.execPath, CLI, ...args];
  const child = spawn(program, all, { cwd, env: clean, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    finished,
    async until(text, timeout = 10_000) {
      const matches = () => {
        const all = stdout + stderr;
        return typeof text === 'string' ? all.includes(text) : text.test(all);
      };
      for (let waited = 0; !matches(); waited += 20) {
        if (waited >= timeout) throw new Error(`No ${String(text)} within ${timeout} ms in:\n${stdout}\n${stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return finished;
    },
  };
}

export function runCli(args: readonly string[], settings: CliSettings = {}): Promise<Finished> {
  return startCli(args, settings).finished;
}
