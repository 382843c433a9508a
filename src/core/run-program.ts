/** Programs of the user's, within bounds. */
import { spawn } from 'node:child_process';
// Not read here, only handed on: a child gets the agent's own environment, and the entry's variables on top.
import { env } from 'node:process';
import type { Readable } from 'node:stream';

import type { Clock } from './clock.ts';
import { stopGroup } from './process-group.ts';

/** Program and arguments, given to the system as they are: no shell, no splitting, no quoting. */
export type Command = readonly [program: string, ...args: string[]];

export interface RunOptions {
  /** Bytes of standard output. */
  readonly maxOutput: number;
  /** Written to its standard input, which is closed after that. Default: nothing. */
  readonly input?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Times the grace between SIGTERM and SIGKILL. */
  readonly clock: Clock;
}

export interface Finished {
  /** How it failed (`exited with code 2`, `was ended by SIGSEGV`), or undefined. */
  readonly failure: string | undefined;
  /** Undefined if a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Standard error is for a message; what goes beyond is thrown away. Bytes. */
const MAX_STDERR = 64 * 1024;

/**
 * Runs a program and waits until it has ended and its output is closed, also by programs that it started.
 *
 * @throws if it cannot be started or writes too much, and when the signal aborts. It has then been stopped, with all
 *   programs of its process group.
 */
export async function runProgram(command: Command, options: RunOptions, signal: AbortSignal): Promise<Finished> {
  const [program, ...args] = command;
  const { maxOutput, input, environment, clock } = options;
  signal.throwIfAborted();
  // Detached makes it the leader of a process group of its own, which can be stopped as a whole.
  const child = spawn(program, args, {
    detached: process.platform !== 'win32',
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...env, ...environment },
    windowsHide: true,
  });
  // Who does not read its input may close it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new AbortController();
  try {
    return await new Promise<Finished>((resolve, reject) => {
      let isStopping = false;
      const stop = (reason: Error) => {
        if (isStopping) return;
        isStopping = true;
        void stopGroup(child, clock).finally(() => {
          reject(reason);
        });
      };
      const stdout = collect(child.stdout, maxOutput, () => {
        stop(new Error(`${program} wrote more than ${maxOutput} bytes and was stopped`));
      });
      const stderr = collect(child.stderr, MAX_STDERR);
      child.on('error', (cause) => {
        reject(new Error(`Cannot run ${program}`, { cause }));
      });
      child.once('close', (code, killedBy) => {
        if (isStopping) return;
        const failure = describeExit(code, killedBy);
        resolve({ failure, code: code ?? undefined, stdout: stdout(), stderr: stderr() });
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
