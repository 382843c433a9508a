/** Commands as data: what a declaration says, what an implementation gets, and how it ends. */

/** Process exit codes. */
export const EXIT = {
  ok: 0,
  /** The command ran and something failed: a gather, a destination. */
  failed: 1,
  /** The configuration or the command line is invalid; nothing was done. */
  misuse: 2,
  /** Of `status`: no healthd is running. As `systemctl status` answers. */
  notRunning: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The parts of the process that commands use. */
export interface Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Until a command asks for a signal, that signal ends the process. */
export interface Signals {
  /** From now on SIGTERM and SIGINT abort this one; a second signal ends the process. */
  stop(): AbortSignal;
  /** Time until the system ends the process, which is stopping, ms; undefined without such a limit. */
  endsWithin(): number | undefined;
  /** From now on SIGHUP calls `reload`. A SIGHUP that was held back before calls it at once. */
  onReload(reload: () => void): void;
  /** From now on errors that no code handles go to `take` instead of ending the process. */
  onStrayError(take: (thrown: unknown) => void): void;
}

/** Options of every command that reads the configuration. */
export interface ConfigOptions {
  readonly config?: string;
}

/** The implementation of a command. `Input` holds its arguments and options by name. */
export type Action<Input> = (input: Input, terminal: Terminal, signals: Signals) => Promise<ExitCode>;

/** An argument or an option on the command line. */
export interface Parameter {
  readonly summary: string;
  /** The placeholder in help. An option without one is a flag: `true` or absent. */
  readonly value?: string;
  /** Default: optional. */
  readonly isRequired?: true;
  /** All remaining arguments; an empty list if it is optional and there are none. */
  readonly isList?: true;
  /** Allowed values. Default: any. */
  readonly choices?: readonly string[];
  /** One letter. */
  readonly short?: string;
  /** The names that shells suggest. */
  readonly completes?: Names;
}

/** Names that only the configuration knows. */
export type Names = 'plugins' | 'rules' | 'notifiers' | 'outputs';

/** Parameters by the name of the property that receives them; the option of `toOutput` is `--to-output`. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** What help, completion and the command line's parser know of a command. */
export interface Command {
  /** One word, or a group and a word: `journal replay`. */
  readonly path: string;
  readonly summary: string;
  /** In the order in which they are given. */
  readonly arguments: Parameters;
  readonly options: Parameters;
  /** Imports the implementation. */
  readonly load: () => Promise<Action<never>>;
}

/** The parameter that yields a value of this type. */
type ParameterFor<Value> = Pick<Parameter, 'summary' | 'short' | 'completes'> &
  (undefined extends Value ? { readonly isRequired?: never } : { readonly isRequired: true }) &
  ([Value] extends [boolean | undefined]
    ? { readonly value?: never }
    : [Value] extends [readonly string[] | undefined]
      ? { readonly value: string; readonly isList: true }
      : string extends Value
        ? { readonly value: string }
        : { readonly value: string; readonly choices: readonly Exclude<Value, undefined>[] });

type ParametersFor<Input, Names extends keyof Input> = {
  readonly [Name in Names]-?: NoInfer<ParameterFor<Input[Name]>>;
};

interface Declaration<Input, Argument extends keyof Input> extends Pick<Command, 'path' | 'summary'> {
  readonly arguments?: ParametersFor<Input, Argument>;
  readonly options: ParametersFor<Input, Exclude<keyof Input, Argument>>;
  readonly load: () => Promise<Action<Input>>;
}

/**
 * Declares a command. The compiler checks the declaration against the implementation: each property of its input is
 * declared once, as an argument or as an option, with its type.
 *
 * Declarations are loaded for every command line; they import only what is light, and implementations in `load`.
 */
export function defineCommand<Input, Argument extends keyof Input = never>(
  declaration: Declaration<Input, Argument>,
): Command {
  return { arguments: {}, ...declaration };
}
