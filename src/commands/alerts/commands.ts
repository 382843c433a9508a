/** Commands on alerts. `rules`, `routes` and `notify` read the configuration; the others call the running daemon. */
import { defineCommand, type Command } from '../command.ts';
import { BY, CONFIG, FROM, JSON_OUTPUT, TO } from '../parameters.ts';

const silenceCommands: readonly Command[] = [
  defineCommand({
    path: 'silence add',
    summary: 'start a silence, now or later',
    arguments: {
      labels: { value: 'label=pattern', summary: 'such as host=web1 rule=disk_*', isRequired: true, isList: true },
    },
    options: {
      config: CONFIG,
      from: {
        value: 'time',
        summary: 'start, such as 22:00, 2h for in two hours, or 2026-01-31T08:00:00Z (default: now)',
      },
      for: { value: 'duration', summary: 'how long, such as 2h' },
      until: { value: 'time', summary: 'end time, such as 22:00, instead of --for' },
      comment: { value: 'text', summary: 'reason' },
      by: BY,
      json: JSON_OUTPUT,
    },
    load: async () => (await import('./silence.ts')).silenceAdd,
  }),
  defineCommand({
    path: 'silence list',
    summary: 'list active and pending silences, with --all expired ones too',
    options: { config: CONFIG, all: { summary: 'include expired ones' }, json: JSON_OUTPUT },
    load: async () => (await import('./silence.ts')).silenceList,
  }),
  defineCommand({
    path: 'silence expire',
    summary: 'end a silence now',
    arguments: { id: { value: 'id', summary: 'ID from "silence list"', isRequired: true } },
    options: { config: CONFIG, by: BY },
    load: async () => (await import('./silence.ts')).silenceExpire,
  }),
];

export const alertCommands: readonly Command[] = [
  defineCommand({
    path: 'rules check',
    summary: 'validate and list the rules',
    options: { config: CONFIG },
    load: async () => (await import('./rules.ts')).rulesCheck,
  }),
  defineCommand({
    path: 'rules explain',
    summary: 'show everything that decides whether rules fire, and when at the earliest',
    arguments: { id: { value: 'id', summary: 'only this rule', completes: 'rules' } },
    options: { config: CONFIG },
    load: async () => (await import('./rules.ts')).rulesExplain,
  }),
  defineCommand({
    path: 'rules test',
    summary: 'run rules against synthetic series',
    arguments: { file: { value: 'file', summary: 'test cases, optionally with rules', isRequired: true } },
    options: { config: CONFIG },
    load: async () => (await import('./rules-test.ts')).rulesTest,
  }),
  defineCommand({
    path: 'rules replay',
    summary: 'show which alerts the lines in the journal would have fired',
    options: {
      config: CONFIG,
      from: { ...FROM, isRequired: true },
      to: TO,
      rule: { value: 'id', summary: 'only this rule', completes: 'rules' },
    },
    load: async () => (await import('./rules-replay.ts')).rulesReplay,
  }),
  defineCommand({
    path: 'routes test',
    summary: 'show the route, group and receivers of an alert with these labels',
    arguments: {
      labels: {
        value: 'label=value',
        summary: 'such as rule=disk_space level=critical host=web1',
        isRequired: true,
        isList: true,
      },
    },
    options: {
      config: CONFIG,
      at: {
        value: 'time',
        summary: 'when the alert is notified, such as 22:00 or 2026-01-31T08:00:00Z (default: now)',
      },
    },
    load: async () => (await import('./routes-test.ts')).routesTest,
  }),
  defineCommand({
    path: 'notify test',
    summary: 'send a firing and a resolved test notification',
    arguments: {
      notifier: { value: 'notifier', summary: 'a configured notifier', isRequired: true, completes: 'notifiers' },
    },
    options: { config: CONFIG },
    load: async () => (await import('./notify-test.ts')).notifyTest,
  }),
  defineCommand({
    path: 'alerts',
    summary: 'list alerts and windows that fill, or with --history past events',
    options: {
      config: CONFIG,
      history: { summary: 'transitions, notifications, silences and acknowledgements' },
      since: { value: 'time', summary: 'with --history: a time or an age, such as 2h' },
      rule: { value: 'id', summary: 'only this rule', completes: 'rules' },
      host: { value: 'name', summary: 'only this host' },
      limit: { value: 'count', summary: 'with --history: maximum number of entries' },
      json: JSON_OUTPUT,
    },
    load: async () => (await import('./list.ts')).alerts,
  }),
  defineCommand({
    path: 'alerts resolve',
    summary: 'end an alert by hand, e.g. of a disk that is gone for good',
    arguments: { id: { value: 'id', summary: 'ID from "alerts", or a prefix', isRequired: true } },
    options: { config: CONFIG, comment: { value: 'text', summary: 'note for others' }, by: BY },
    load: async () => (await import('./resolve.ts')).resolve,
  }),
  defineCommand({
    path: 'ack',
    summary: 'acknowledge an alert: no repeats, no escalation',
    arguments: { id: { value: 'id', summary: 'ID from "alerts", or a prefix', isRequired: true } },
    options: {
      config: CONFIG,
      comment: { value: 'text', summary: 'note for others' },
      by: BY,
      for: { value: 'duration', summary: 'duration (default: until the alert resolves or gets worse)' },
      withdraw: { summary: 'remove the acknowledgement' },
    },
    load: async () => (await import('./ack.ts')).ack,
  }),
  defineCommand({
    path: 'why',
    summary: 'show why somebody was, or was not, notified',
    arguments: {
      alert: {
        value: 'alert',
        summary: 'ID or its beginning, rule such as disk_*, or label=pattern such as host=web1',
        isRequired: true,
        isList: true,
      },
    },
    options: {
      config: CONFIG,
      all: { summary: 'all that is recorded, not only the last time that it fired' },
      json: JSON_OUTPUT,
    },
    load: async () => (await import('./why.ts')).why,
  }),
  ...silenceCommands,
];
