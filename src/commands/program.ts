/** The declared commands as a commander program: parsing, help, completion. */
import { Argument, Command as Program, CommanderError, Option } from 'commander';

import { ConfigError } from '../core/errors.ts';

import {
  EXIT,
  type Command,
  type ExitCode,
  type Names,
  type Parameter,
  type Parameters,
  type Signals,
  type Terminal,
} from './command.ts';
import { COMMANDS, GROUPS, HEADINGS } from './tree.ts';

const HELP_FOOTER = `
Without a configuration, healthd watches what it finds on this host. Searched: --config,
$HEALTHD_CONFIG, ./healthd.{yaml,toml,json}, ./healthd.config.ts, ~/.config/healthd/, ${process.platform === 'win32' ? '%ProgramData%\\healthd\\' : '/etc/healthd/'}.`;

/**
 * @returns `misuse` for a command line that is not valid, which is reported on stderr
 * @throws whatever the command throws
 */
export async function execute(
  argv: readonly string[],
  terminal: Terminal,
  signals: Signals,
  commands: readonly Command[] = COMMANDS,
): Promise<ExitCode> {
  refuseOptionsFirst(argv);
  let code: ExitCode = EXIT.ok;
  const names =
    argv[0] === 'complete' ? await (await import('./completions.ts')).completions(argv, terminal) : undefined;
  const program = buildProgram(
    commands.map((command) => suggesting(command, names)),
    async (command, input) => {
      const action = await command.load();
      code = await action(input, terminal, signals);
    },
  );
  await addCompletion(program, argv[0]);
  try {
    await program.parseAsync(argv.length === 0 ? ['--help'] : argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.misuse;
  }
  return code;
}

/** For shells the known names are the choices of a parameter. */
function suggesting(command: Command, names: Readonly<Record<Names, readonly string[]>> | undefined): Command {
  if (names === undefined) return command;
  const withChoices = (parameters: Parameters): Parameters =>
    Object.fromEntries(
      Object.entries(parameters).map(([key, parameter]) => {
        const { completes } = parameter;
        return [key, completes === undefined ? parameter : { ...parameter, choices: names[completes] }];
      }),
    );
  return { ...command, arguments: withChoices(command.arguments), options: withChoices(command.options) };
}

/** @throws ConfigError for what other programs take before, or without, a command */
function refuseOptionsFirst([first = '', ...rest]: readonly string[]): void {
  if (/^-+v$/.test(first)) throw new ConfigError(`Unknown option "${first}"; write: healthd version`);
  const [, flag, inline] = /^(-c|--config)(?:=(.*))?$/.exec(first) ?? [];
  if (flag === undefined) return;
  const [file = 'FILE', command = 'run', ...others] = inline === undefined ? rest : [inline, ...rest];
  const right = ['healthd', command, ...others, flag, file].join(' ');
  throw new ConfigError(`The command comes before ${flag}; write: ${right}`);
}

/** The input is what the declaration says, which `defineCommand` has checked against the action. */
type Run = (command: Command, input: never) => Promise<void>;

function buildProgram(commands: readonly Command[], run: Run): Program {
  const program = new Program('healthd')
    .description('Health monitoring for servers: collects, buffers and sends metrics')
    .usage('<command> [options]; each command has --help')
    .addHelpText('after', HELP_FOOTER)
    .addHelpCommand(helpCommand().helpGroup('Other:'))
    .exitOverride()
    // An option after `alerts resolve` belongs to that, though `alerts` has one of the same name.
    .enablePositionalOptions()
    // The list of options would hold nothing else.
    .addHelpOption(new Option('-h, --help').hideHelp())
    .configureHelp({ helpWidth: 100 })
    .showSuggestionAfterError()
    .showHelpAfterError('"healthd --help" lists the commands');
  for (const command of commands) addCommand(program, command, run);
  return program;
}

function helpCommand(): Program {
  return new Program('help').argument('[command]').description('show the help of a command');
}

function addCommand(program: Program, command: Command, run: Run): void {
  const target = subcommandOf(program, command.path)
    .description(command.summary)
    .showHelpAfterError(`"healthd ${command.path} --help" shows how to write it`);
  for (const [name, parameter] of Object.entries(command.arguments)) target.addArgument(argumentOf(name, parameter));
  for (const [name, parameter] of Object.entries(command.options)) target.addOption(optionOf(name, parameter));
  const names = Object.keys(command.arguments);
  target.action(async () => {
    const given = names.map((name, index): [string, unknown] => [name, target.processedArgs[index]]);
    const positional = Object.fromEntries(given.filter(([, value]) => value !== undefined));
    await run(command, { ...target.opts<object>(), ...positional } as never);
  });
}

/** Makes the group on the way. */
function subcommandOf(program: Program, path: string): Program {
  const [first = '', second] = path.split(' ');
  const make = () => program.command(first).helpGroup(`${headingOf(first)}:`);
  if (second === undefined) return make();
  const known = program.commands.find((group) => group.name() === first);
  const group = () =>
    make()
      .description(GROUPS[first] ?? '')
      .addHelpCommand(helpCommand())
      .showHelpAfterError(`"healthd ${first} --help" lists its commands`);
  return (known ?? group()).command(second);
}

function headingOf(first: string): string {
  return Object.entries(HEADINGS).find(([, names]) => names.includes(first))?.[0] ?? 'Other';
}

function argumentOf(name: string, { value = name, summary, isRequired, isList, choices }: Parameter): Argument {
  const syntax = isList === true ? `${value}...` : value;
  const argument = new Argument(isRequired === true ? `<${syntax}>` : `[${syntax}]`, summary);
  return choices === undefined ? argument : argument.choices(choices);
}

function optionOf(name: string, { short, value, summary, isRequired, choices }: Parameter): Option {
  const long = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const flags = [short === undefined ? long : `-${short}, ${long}`, ...(value === undefined ? [] : [`<${value}>`])];
  const option = new Option(flags.join(' '), summary).makeOptionMandatory(isRequired === true);
  return choices === undefined ? option : option.choices(choices);
}

/** The library adds the commands `completion` and `complete`; other command lines only list the former. */
async function addCompletion(program: Program, command: string | undefined): Promise<void> {
  if (command === 'completion' || command === 'complete') {
    const { default: tab } = await import('@bomb.sh/tab/commander');
    tab(program, { completionCommandName: 'completion' });
    return;
  }
  program
    .command('completion')
    .argument('<shell>')
    .helpGroup('Other:')
    .description('print a completion script for bash, zsh, fish or powershell');
}
