/** What the host offers plugins that start programs of the user's. Implemented in `host/`. */

/** Program and arguments, handed to the system as they are: no shell, no splitting, no quoting. */
export type Command = readonly [program: string, ...args: string[]];

export interface RunOptions {
  /** Maximum size of standard output. Bytes. */
  readonly maxOutput: number;
  /** Written to standard input, which is then closed. Default: nothing. */
  readonly input?: string;
  /** Variables besides PATH, HOME and the few others that are inherited from the agent. */
  readonly environment: Readonly<Record<string, string>>;
}

/** How a program ended. */
export interface Finished {
  /** `exited with code 2`, `was ended by SIGSEGV`; undefined for success. */
  readonly failure: string | undefined;
  /** Undefined if a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/**
 * Runs a program and waits until it has exited and its output is closed, by its child processes too.
 *
 * @throws if the program cannot be started or writes more than `maxOutput`, and when the signal aborts; its whole process
 *   group has then been stopped
 */
export type RunProgram = (command: Command, options: RunOptions, signal: AbortSignal) => Promise<Finished>;
