#!/usr/bin/env node
/** argv → command. The only place with exit codes and signal handlers. Each command is imported when it is called. */
import type { Command, Option as CommandOption } from 'commander';

import type { AckOptions } from './commands/alerts/ack.ts';
import type { AlertsOptions } from './commands/alerts/list.ts';
import type { SilenceAddOptions, SilenceListOptions } from './commands/alerts/silence.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './commands/command.ts';
import type { ListOptions } from './commands/dead-letter/list.ts';
import type { ReplayOptions as DeadLetterReplayOptions } from './commands/dead-letter/replay.ts';
import type { RulesReplayOptions } from './commands/alerts/rules-replay.ts';
import type { GrafanaExportOptions } from './commands/grafana/export.ts';
import type { GrafanaPushOptions } from './commands/grafana/push.ts';
import type { CatOptions } from './commands/journal/cat.ts';
import type { ReplayOptions as JournalReplayOptions } from './commands/journal/replay.ts';
import type { StatusOptions } from './commands/journal/status.ts';

const terminal: Terminal = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  cwd: process.cwd(),
};

/** Not imported: it would bring all of Grafana's dashboards along. */
const SOURCES = ['influxql', 'flux', 'promql'];

const FROM = 'a time, or how long ago: 2026-01-31T08:00:00Z, 1769846400, 2h';
const TO = 'up to, but without, this time';

const HELP_FOOTER = `
Without a configuration it prints what it sees of this host. Looked for: --config, $HEALTHD_CONFIG,
./healthd.{yaml,toml,json}, ./healthd.config.ts, ~/.config/healthd/, /etc/healthd/ with conf.d/.`;

async function main(argv: readonly string[]): Promise<void> {
  const [command = '--help'] = argv;
  if (['version', '--version', '-V'].includes(command)) {
    const { healthdVersion } = await import('./version.ts');
    terminal.stdout.write(`${healthdVersion()}\n`);
    return;
  }
  const program = await buildProgram(command);
  await program.parseAsync(argv.length === 0 ? [command] : argv, { from: 'user' });
}

async function buildProgram(command: string): Promise<Command> {
  const { Command, Option } = await import('commander');
  const program = new Command('healthd')
    .description('Health monitoring for servers: collects, keeps safe and sends what they measure')
    .usage('<command> [options]; each command has --help')
    .addHelpText('after', HELP_FOOTER)
    .helpCommand(false)
    // Whoever reads it knows how to ask for it.
    .addHelpOption(new Option('-h, --help').hideHelp())
    .showSuggestionAfterError();
  configured(program, 'run', 'collect and send until stopped; SIGHUP reloads the configuration')
    .addOption(new Option('--log-level <level>', 'how much to log').choices(['error', 'warn', 'info', 'debug']))
    .action(async (options: ConfigOptions) => {
      const { run } = await import('./commands/run.ts');
      await end(run(options, terminal, listenToSignals()));
      // Somebody holds the log but does not read it. The log has waited; Node would do so for ever.
      if (terminal.stderr.writableLength > 0) process.exit();
    });
  configured(program, 'once', 'gather everything once, rates included, and print it')
    .addOption(new Option('--format <format>', 'how to print').choices(['auto', 'pretty', 'influx']))
    .action(async (options: ConfigOptions) => {
      const { once } = await import('./commands/once.ts');
      await end(once(options, terminal));
    });
  configured(program, 'check', 'validate the configuration; nothing is started')
    .option('--connect', 'also try each destination')
    .action(async (options: ConfigOptions & { readonly connect?: boolean }) => {
      const { check } = await import('./commands/check.ts');
      await end(check(options, terminal));
    });
  program
    .command('plugins')
    .description('list the plugins, or print all about one')
    .argument('[kind]', 'inputs, processors, outputs or notifiers; may be left out before a name')
    .argument('[name]')
    .action(async (kind?: string, name?: string) => {
      const { plugins } = await import('./commands/plugins.ts');
      await end(plugins(kind, name, terminal));
    });

  addConfigCommands(program);
  addJournalCommands(program);
  addDeadLetterCommands(program);
  addGrafanaCommands(program, Option);
  addAlertCommands(program);
  addAlertActions(program);
  program.command('version').description('print the version');
  program.configureHelp({ helpWidth: 100 });
  if (command === 'completion' || command === 'complete') {
    const { default: tab } = await import('@bomb.sh/tab/commander');
    tab(program, { completionCommandName: 'completion' });
  } else {
    program
      .command('completion')
      .argument('<shell>')
      .description('print completions for bash, zsh, fish or powershell');
  }
  return program;
}

function addConfigCommands(program: Command): void {
  const config = program.command('config').description('write a sample, the schema for editors, or what is in effect');
  config
    .command('sample')
    .description('commented configuration with every option at its default')
    .argument('[plugin]', 'only this plugin')
    .action(async (name?: string) => {
      const { configSample } = await import('./commands/config.ts');
      await end(configSample(name, terminal));
    });
  config
    .command('schema')
    .description('JSON Schema of the configuration, for editors')
    .action(async () => {
      const { configSchema } = await import('./commands/config.ts');
      await end(configSchema(terminal));
    });
  config
    .command('show')
    .description('the configuration in effect, secrets redacted')
    .option('-c, --config <file>', 'configuration file')
    .action(async (options: ConfigOptions) => {
      const { configShow } = await import('./commands/config.ts');
      await end(configShow(options, terminal));
    });
}

function addJournalCommands(program: Command): void {
  const journal = program.command('journal').description('look into the journal, or send again what it holds');

  configured(journal, 'status', 'what is in it, and how far each output has come')
    .option('--json', 'for programs: bytes, milliseconds, ISO times')
    .action(async (options: StatusOptions) => {
      const { journalStatus } = await import('./commands/journal/status.ts');
      await end(journalStatus(options, terminal));
    });
  configured(journal, 'cat', 'print the lines that are in it, as line protocol')
    .option('--from <time>', FROM)
    .option('--to <time>', TO)
    .option('--only <globs>', 'only these measurements: cpu,disk*')
    .action(async (options: CatOptions) => {
      const { journalCat } = await import('./commands/journal/cat.ts');
      await end(journalCat(options, terminal));
    });
  configured(journal, 'replay', 'send lines that are in it to an output once more')
    .requiredOption('--output <name>', 'an output of the configuration')
    .requiredOption('--from <time>', FROM)
    .option('--to <time>', TO)
    .action(async (options: JournalReplayOptions) => {
      const { journalReplay } = await import('./commands/journal/replay.ts');
      await end(journalReplay(options, terminal, stopSignal()));
    });
  configured(journal, 'forget', 'give up what it keeps for an output that is no more')
    .argument('<name>', 'as "journal status" shows it')
    .action(async (name: string, options: ConfigOptions) => {
      const { journalForget } = await import('./commands/journal/forget.ts');
      await end(journalForget(name, options, terminal));
    });
}

function addDeadLetterCommands(program: Command): void {
  const deadLetter = program.command('dead-letter').description('list what destinations refused, or send it again');
  configured(deadLetter, 'list', 'what was refused: when, by which output and why')
    .option('--output <name>', 'only what this output was refused')
    .option('--json', 'for programs')
    .action(async (options: ListOptions) => {
      const { deadLetterList } = await import('./commands/dead-letter/list.ts');
      await end(deadLetterList(options, terminal));
    });
  configured(deadLetter, 'replay', 'send it again; what is accepted is a dead letter no more')
    .option('--output <name>', 'only what this output was refused')
    .option('--to-output <name>', 'to this output instead')
    .action(async (options: DeadLetterReplayOptions) => {
      const { deadLetterReplay } = await import('./commands/dead-letter/replay.ts');
      await end(deadLetterReplay(options, terminal, stopSignal()));
    });
}

function addGrafanaCommands(program: Command, Option: typeof CommandOption): void {
  const grafana = program.command('grafana').description('dashboards, alert rules and data sources for Grafana');
  configured(grafana, 'export', 'write them as files, those of your own plugins included')
    .argument('<folder>', 'where to; what is there is replaced')
    .addOption(new Option('--source <source>', 'only for this language; all if not given').choices(SOURCES))
    .action(async (folder: string, options: GrafanaExportOptions) => {
      const { grafanaExport } = await import('./commands/grafana/export.ts');
      await end(grafanaExport(folder, options, terminal));
    });
  configured(grafana, 'push', 'install dashboards in a Grafana that runs; its token is in $GRAFANA_TOKEN')
    .argument('<url>', 'of Grafana')
    .addOption(new Option('--source <source>', 'what the database is asked in').choices(SOURCES).makeOptionMandatory())
    .option('--folder <title>', 'the folder in Grafana; healthd if not given')
    .option('--datasource <uid>', 'the data source at first; with it also alert rules are installed')
    .option('--token-file <file>', 'where the token is, instead of the environment')
    .action(async (url: string, options: GrafanaPushOptions) => {
      const { grafanaPush } = await import('./commands/grafana/push.ts');
      await end(grafanaPush(url, options, terminal, stopSignal()));
    });
}

function addAlertCommands(program: Command): void {
  const group = (name: string, description: string) => program.command(name).description(description);
  const rules = group('rules', 'what is judged, and how');
  configured(rules, 'check', 'list the rules; whatever is wrong with them is told').action(
    async (options: ConfigOptions) => {
      const { rulesCheck } = await import('./commands/alerts/rules.ts');
      await end(rulesCheck(options, terminal));
    },
  );
  configured(rules, 'explain', 'limits, times and everything else of a rule, defaults included')
    .argument('[id]', 'only this rule')
    .action(async (id: string | undefined, options: ConfigOptions) => {
      const { rulesExplain } = await import('./commands/alerts/rules.ts');
      await end(rulesExplain(id, options, terminal));
    });
  configured(rules, 'test', 'try rules on series that are made up')
    .argument('<file>', 'the tests, and maybe the rules')
    .action(async (file: string, options: ConfigOptions) => {
      const { rulesTest } = await import('./commands/alerts/rules-test.ts');
      await end(rulesTest(file, options, terminal));
    });
  configured(rules, 'replay', 'what would have fired over what the journal holds')
    .requiredOption('--from <time>', FROM)
    .option('--to <time>', TO)
    .option('--rule <id>', 'only this rule')
    .action(async (options: RulesReplayOptions) => {
      const { rulesReplay } = await import('./commands/alerts/rules-replay.ts');
      await end(rulesReplay(options, terminal));
    });
  configured(group('routes', 'who is told of what'), 'test', 'the way of an alert with these labels')
    .argument('<label=value...>', 'such as rule=disk_space level=critical host=web1')
    .action(async (labels: readonly string[], options: ConfigOptions) => {
      const { routesTest } = await import('./commands/alerts/routes-test.ts');
      await end(routesTest(labels, options, terminal));
    });
  configured(group('notify', 'try those who are told'), 'test', 'send an alert and its end, and say what was answered')
    .argument('<notifier>', 'its name in the configuration')
    .action(async (name: string, options: ConfigOptions) => {
      const { notifyTest } = await import('./commands/alerts/notify-test.ts');
      await end(notifyTest(name, options, terminal));
    });
}

/** These ask the daemon that runs. */
function addAlertActions(program: Command): void {
  configured(program, 'alerts', 'what fires now, or with --history what happened')
    .option('--history', 'transitions, notifications, silences and acknowledgements')
    .option('--since <time>', 'with --history: a time, or how long ago')
    .option('--rule <id>', 'only of this rule')
    .option('--host <name>', 'only of this host')
    .option('--limit <count>', 'with --history: most entries')
    .option('--json', 'for programs')
    .action(async (options: AlertsOptions) => {
      const { alerts } = await import('./commands/alerts/list.ts');
      await end(alerts(options, terminal));
    });
  configured(program, 'ack', 'say that somebody takes care of an alert: it is not repeated')
    .argument('<id>', 'as "alerts" shows it; its beginning is enough')
    .option('--comment <text>', 'what others should know')
    .option('--by <name>', 'who; the user if not given')
    .option('--for <duration>', 'only so long; until it ends or gets worse if not given')
    .option('--withdraw', 'take it back')
    .action(async (id: string, options: AckOptions) => {
      const { ack } = await import('./commands/alerts/ack.ts');
      await end(ack(id, options, terminal));
    });
  addSilenceCommands(program);
}

function addSilenceCommands(program: Command): void {
  const silence = program.command('silence').description('tell nobody of some alerts for a while');
  configured(silence, 'add', 'begin a silence')
    .argument('<label=pattern...>', 'such as host=web1 rule=disk_*')
    .option('--for <duration>', 'how long')
    .option('--until <time>', 'or until when')
    .option('--comment <text>', 'why')
    .option('--by <name>', 'who; the user if not given')
    .option('--json', 'for programs')
    .action(async (matchers: readonly string[], options: SilenceAddOptions) => {
      const { silenceAdd } = await import('./commands/alerts/silence.ts');
      await end(silenceAdd(matchers, options, terminal));
    });
  configured(silence, 'list', 'those that are or will be')
    .option('--all', 'also those that have ended')
    .option('--json', 'for programs')
    .action(async (options: SilenceListOptions) => {
      const { silenceList } = await import('./commands/alerts/silence.ts');
      await end(silenceList(options, terminal));
    });
  configured(silence, 'expire', 'end a silence now')
    .argument('<id>', 'as "silence list" shows it')
    .option('--by <name>', 'who; the user if not given')
    .action(async (id: string, options: ConfigOptions & { readonly by?: string }) => {
      const { silenceExpire } = await import('./commands/alerts/silence.ts');
      await end(silenceExpire(id, options, terminal));
    });
}

function configured(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).option('-c, --config <file>', 'configuration file');
}

async function end(command: Promise<ExitCode>): Promise<void> {
  process.exitCode = await command;
}

function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // A second one means that whoever asks will not wait any longer.
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(EXIT.failed);
      stop.abort();
    });
  }
  return stop.signal;
}

/** A reload that is asked for while the agent starts is done when it has. */
function listenToSignals() {
  let isAsked = false;
  let reload = () => {
    isAsked = true;
  };
  process.on('SIGHUP', () => {
    reload();
  });
  return {
    stop: stopSignal(),
    onReload: (handler: () => void) => {
      reload = handler;
      if (isAsked) handler();
    },
  };
}

// Whoever read our output has gone (`healthd config schema | head`): there is nobody left to tell, and no harm done.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`The output cannot be written: ${error.message}\n`);
  process.exit(EXIT.failed);
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  const { describeProblem } = await import('./commands/read-config.ts');
  terminal.stderr.write(`${describeProblem(error, terminal.stderr.isTTY)}\n`);
  process.exitCode = EXIT.misuse;
}
