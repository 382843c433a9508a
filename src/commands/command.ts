/** What every command is given, and how it ends. */

/** Process exit codes. */
export const EXIT = {
  ok: 0,
  /** The command ran, and something was wrong: a gather failed, a destination did not answer. */
  failed: 1,
  /** The configuration or the command line is wrong; nothing was done. */
  misuse: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The world outside of the process, as far as commands touch it. */
export interface Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Options of every command that reads the configuration. */
export interface ConfigOptions {
  readonly config?: string;
}
