/** Programs of the user's, within bounds. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
// Not read here, only handed on, in part.
import { env } from 'node:process';
import type { Readable } from 'node:stream';

import {
  errorCode,
  type Clock,
  type Command,
  type Finished,
  type RunOptions,
  type RunProgram,
} from '../plugin/index.ts';

import { childEnvironment } from './child-environment.ts';
import { stopGroup } from './process-group.ts';

/** Standard error is for a message; what goes beyond is thrown away. Bytes. */
const MAX_STDERR = 64 * 1024;

export function createProgramRunner(clock: Clock): RunProgram {
  return (command, options, signal) => runProgram(command, options, signal, clock);
}

async function runProgram(
  command: Command,
  { maxOutput, input, environment }: RunOptions,
  signal: AbortSignal,
  clock: Clock,
): Promise<Finished> {
  const [program, ...args] = command;
  refuseScript(program, process.platform);
  signal.throwIfAborted();
  const ended = new AbortController();
  try {
    return await new Promise<Finished>((resolve, reject) => {
      const child = start(program, args, childEnvironment(env, environment));
      child.on('error', (cause) => {
        reject(new Error(`Cannot run ${program}${hint(cause)}`, { cause }));
      });
      // It has not started, and the event above follows. Without free descriptors there are not even pipes.
      if (child.pid === undefined) return;
      // A program that does not read its input may close it.
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
      let isStopping = false;
      const stop = (reason: Error) => {
        if (isStopping) return;
        isStopping = true;
        void stopGroup(child, clock).finally(() => {
          reject(reason);
        });
      };
      const output = collect(child.stdout, maxOutput, () => {
        stop(new Error(`${program} wrote more than ${maxOutput} bytes and was stopped`));
      });
      const messages = collect(child.stderr, MAX_STDERR);
      child.once('close', (code, killedBy) => {
        if (isStopping) return;
        const failure = describeExit(code, killedBy);
        resolve({ failure, code: code ?? undefined, stdout: output(), stderr: messages() });
      });
      const onAbort = () => {
        stop(new Error(`${program} was stopped because it had not ended in time`, { cause: signal.reason }));
      };
      signal.addEventListener('abort', onAbort, { once: true, signal: ended.signal });
    });
  } finally {
    ended.abort();
  }
}

/** Detached makes it the leader of a process group of its own, which can be stopped as a whole. */
function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams {
  return spawn(program, args, {
    detached: process.platform !== 'win32',
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
    windowsHide: true,
    // cmd.exe has rules of its own for quotes: it gets its arguments as they are written.
    windowsVerbatimArguments: isCommandShell(program),
  });
}

/** @throws Error for a script that Windows starts only by cmd.exe */
export function refuseScript(program: string, platform: NodeJS.Platform): void {
  if (platform !== 'win32' || !/\.(?:bat|cmd)$/i.test(program)) return;
  throw new Error(
    `Cannot run ${program}: Windows runs scripts by a shell only; write ["cmd", "/d", "/c", "${program}"]`,
  );
}

export function isCommandShell(program: string): boolean {
  return /^(?:.*[\\/])?cmd(?:\.exe)?$/i.test(program);
}

function hint(cause: unknown): string {
  const isOutOfDescriptors = ['EMFILE', 'ENFILE'].includes(errorCode(cause) ?? '');
  return isOutOfDescriptors ? ': too many open files; raise LimitNOFILE= of the unit, or "ulimit -n"' : '';
}

function describeExit(code: number | null, killedBy: NodeJS.Signals | null): string | undefined {
  if (killedBy !== null) return `was ended by ${killedBy}`;
  return code === 0 ? undefined : `exited with code ${String(code)}`;
}

/** Keeps the first `limit` bytes, and reads on so that the writer is not held up. */
function collect(stream: Readable, limit: number, onTooMuch?: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let room = limit;
  stream.on('data', (chunk: Buffer) => {
    if (room < 0) return;
    chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
    if (room < 0) onTooMuch?.();
  });
  return () => Buffer.concat(chunks);
}
