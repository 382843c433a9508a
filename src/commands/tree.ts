/** All commands, in the order of help. */
import { LOG_LEVELS } from '../core/logger.ts';

import { alertCommands } from './alerts/commands.ts';
import { defineCommand, type Command } from './command.ts';
import { deadLetterCommands } from './dead-letter/commands.ts';
import { grafanaCommands } from './grafana/commands.ts';
import { historyCommands } from './history/commands.ts';
import { hubCommands } from './hub/commands.ts';
import { journalCommands } from './journal/commands.ts';
import { CONFIG, JSON_OUTPUT } from './parameters.ts';
import { serverCommands } from './server/commands.ts';
import { serviceCommands } from './service/commands.ts';

const INTERVAL = { value: 'duration', summary: 'time between two samples (default: 2s)' } as const;
/** Headings of help, and the first words of the commands below each. */
export const HEADINGS: Readonly<Record<string, readonly string[]>> = {
  'First steps': ['run', 'init', 'doctor', 'service', 'join', 'leave'],
  'The running agent': ['status', 'top', 'watch', 'reload', 'stop', 'hub', 'server'],
  Configuration: ['check', 'plugins', 'config'],
  Alerts: ['alerts', 'why', 'ack', 'silence', 'rules', 'routes', 'notify'],
  Metrics: ['once', 'query', 'sql', 'history', 'journal', 'dead-letter', 'grafana'],
};

/** Summaries of the groups: the first words of paths that have two. */
export const GROUPS: Readonly<Record<string, string>> = {
  config: 'print a sample, the JSON schema or the configuration in effect',
  service: 'run at each boot: install, start, stop, status, uninstall',
  hub: 'the hosts of this hub, join tokens, backup and restore',
  server: 'tokens for the API',
  history: 'export, back up or restore the embedded history',
  journal: 'inspect the journal, or replay from it',
  'dead-letter': 'list refused lines, or send them again',
  grafana: 'export or install dashboards and alert rules for Grafana',
  rules: 'check, explain, test or replay alert rules',
  routes: 'test the routing of an alert',
  notify: 'test a notifier',
  silence: 'add, list or expire silences',
};

export const COMMANDS: readonly Command[] = [
  defineCommand({
    path: 'run',
    summary: 'collect and send metrics; "healthd reload" reads the configuration again',
    options: {
      config: CONFIG,
      logLevel: { value: 'level', summary: 'minimum log level', choices: LOG_LEVELS },
      print: { summary: 'print the metrics' },
    },
    load: async () => (await import('./run.ts')).run,
  }),
  defineCommand({
    path: 'init',
    summary: 'write a first configuration',
    arguments: { file: { value: 'file', summary: 'where to (default: healthd.yaml here)' } },
    options: {
      sendTo: { value: 'url', summary: 'InfluxDB or VictoriaMetrics, as http://host:8086/database' },
      notify: { value: 'receiver', summary: 'mail address, or URL of a webhook' },
      mailServer: { value: 'url', summary: 'for a mail address: smtp://user:password@host:587' },
      force: { summary: 'overwrite the file' },
    },
    load: async () => (await import('./init.ts')).init,
  }),
  defineCommand({
    path: 'status',
    summary: 'whether the agent runs, what it does, what is wrong',
    options: { config: CONFIG, json: JSON_OUTPUT },
    load: async () => (await import('./status.ts')).status,
  }),
  defineCommand({
    path: 'doctor',
    summary: 'test all that the agent needs; says what fixes each problem',
    options: {
      config: CONFIG,
      json: JSON_OUTPUT,
      report: { value: 'file', summary: 'also write a report without secrets' },
    },
    load: async () => (await import('./doctor/doctor.ts')).doctor,
  }),
  ...serviceCommands,
  defineCommand({
    path: 'reload',
    summary: 'read the configuration again, and say what has changed',
    options: { config: CONFIG },
    load: async () => (await import('./reload.ts')).reload,
  }),
  defineCommand({
    path: 'stop',
    summary: 'stop the running agent',
    options: { config: CONFIG },
    load: async () => (await import('./stop.ts')).stop,
  }),
  defineCommand({
    path: 'once',
    summary: 'gather once, rates included, and print the metrics',
    options: {
      config: CONFIG,
      format: { value: 'format', summary: 'output format', choices: ['auto', 'pretty', 'influx'] },
    },
    load: async () => (await import('./once.ts')).once,
  }),
  defineCommand({
    path: 'top',
    summary: 'show this host on one screen, live',
    options: {
      config: CONFIG,
      interval: INTERVAL,
      at: { value: 'time', summary: 'a moment of the past, such as 03:12 or 2h; t and T step' },
      once: { summary: 'print one screen as text, as without a terminal' },
    },
    load: async () => (await import('./top.ts')).top,
  }),
  defineCommand({
    path: 'watch',
    summary: 'show series as they change',
    arguments: {
      series: {
        value: 'series',
        summary: "globs over measurement.field, such as 'cpu.*'",
        isRequired: true,
        isList: true,
      },
    },
    options: { config: CONFIG, interval: INTERVAL },
    load: async () => (await import('./watch.ts')).watch,
  }),
  defineCommand({
    path: 'check',
    summary: 'validate the configuration without running it',
    options: { config: CONFIG, connect: { summary: 'also connect to each output' } },
    load: async () => (await import('./check.ts')).check,
  }),
  defineCommand({
    path: 'plugins',
    summary: 'list plugins, or document one',
    arguments: {
      kind: {
        value: 'kind',
        summary: 'inputs, processors, outputs or notifiers; optional before a name',
        completes: 'plugins',
      },
      name: { value: 'name', summary: 'plugin to document: options, metrics', completes: 'plugins' },
    },
    options: { config: CONFIG },
    load: async () => (await import('./plugins.ts')).plugins,
  }),
  defineCommand({
    path: 'config sample',
    summary: 'print a configuration to start from, or the options of plugins',
    arguments: { plugin: { value: 'plugin', summary: 'every option of this plugin', completes: 'plugins' } },
    options: { config: CONFIG, full: { summary: 'every option of every plugin' } },
    load: async () => (await import('./config.ts')).configSample,
  }),
  defineCommand({
    path: 'config schema',
    summary: 'print the JSON Schema of the configuration, for editors',
    options: { config: CONFIG },
    load: async () => (await import('./config.ts')).configSchema,
  }),
  defineCommand({
    path: 'config show',
    summary: 'print the configuration in effect, secrets redacted',
    options: { config: CONFIG },
    load: async () => (await import('./config.ts')).configShow,
  }),
  ...hubCommands,
  ...serverCommands,
  ...historyCommands,
  ...journalCommands,
  ...deadLetterCommands,
  ...grafanaCommands,
  ...alertCommands,
  defineCommand({
    path: 'hash-password',
    summary: 'hash a password or token from standard input',
    options: {},
    load: async () => (await import('./hash-password.ts')).hashPassword,
  }),
  defineCommand({
    path: 'version',
    summary: 'print the version',
    options: {},
    load: async () => (await import('./version.ts')).version,
  }),
];
