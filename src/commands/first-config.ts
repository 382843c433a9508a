/** The text of a first configuration: short, commented, and valid as it is. */
import { ConfigError } from '../core/errors.ts';

import { discoveredInputs, type DiscoveredInput, type Discovery } from './discovery.ts';

/** Empty or absent: none. */
export interface InitAnswers {
  /** URL of a database. */
  readonly sendTo?: string | undefined;
  /** A mail address, or the URL of a webhook of Slack, Teams or another service. */
  readonly notify?: string | undefined;
  /** For a mail address: `smtp://user:password@host:587`. Default: this machine. */
  readonly mailServer?: string | undefined;
}

/** @throws ConfigError for an answer that cannot be used */
export function firstConfig(answers: InitAnswers, discovery: Discovery): string {
  const { engine } = discovery;
  const inputs = discoveredInputs(discovery).map((entry) => `  - ${itemOf(entry)}`);
  const missing =
    engine === undefined || engine.access === 'open'
      ? []
      : [`  # - docker # ${engine.name} is there, but its socket is closed to this user`];
  return `${[
    '# The configuration of healthd. After a change: healthd check, then healthd reload.',
    '# All inputs, outputs and notifiers with their options: healthd plugins',
    'agent:',
    '  interval: 10s',
    'inputs:',
    ...inputs,
    ...missing,
    ...outputLines(answers),
    ...notifierLines(answers),
    'alerts:',
    '  thresholds: { cpu: 90%, mem: 90%, disk: 85% } # all rules: healthd rules explain',
  ].join('\n')}\n`;
}

function outputLines({ sendTo }: InitAnswers): readonly string[] {
  if (!sendTo)
    return ['# Metrics stay in the history on this machine; to print them too: console', 'outputs: [discard]'];
  const url = parsed(sendTo, 'http://influxdb.example.org:8086/telegraf');
  const [database = ''] = url.pathname.split('/').filter((part) => part !== '');
  url.pathname = '/';
  return [
    '# A token, if one is needed: token: ${env:INFLUX_TOKEN}, and org',
    'outputs:',
    `  - influxdb: { url: ${flow(url.href)}, database: ${flow(database === '' ? 'telegraf' : decodeURIComponent(database))} }`,
  ];
}

function notifierLines({ notify, mailServer }: InitAnswers): readonly string[] {
  if (!notify) return ['# Nobody is notified yet; for example: team: { slack: { url: … } }', '# notifiers:'];
  const test = '# To test it: healthd notify test team';
  if (!notify.includes('://')) {
    if (!/^[^@\s]+@[^@\s]+$/.test(notify)) throw new ConfigError(`"${notify}" is neither a mail address nor a URL`);
    const smtp = mailServer ? parsedMail(mailServer) : 'smtp://localhost:25';
    return [
      'notifiers:',
      test,
      '  team:',
      `    email: { smtp: ${flow(smtp)}, from: ${flow(notify)}, to: [${flow(notify)}] }`,
    ];
  }
  const url = parsed(notify, 'https://hooks.slack.com/services/…');
  return ['notifiers:', test, '  team:', `    ${kindOf(url)}: { url: ${flow(notify)} }`];
}

function kindOf({ hostname }: URL): 'slack' | 'teams' | 'webhook' {
  if (hostname === 'hooks.slack.com') return 'slack';
  return /(?:^|\.)(?:logic\.azure\.com|powerplatform\.com)$/.test(hostname) ? 'teams' : 'webhook';
}

function parsed(text: string, example: string): URL {
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text);
  throw new ConfigError(`"${text}" is not a URL; write one such as ${example}`);
}

function parsedMail(text: string): string {
  if (URL.canParse(text) && /^smtps?:/.test(text)) return text;
  throw new ConfigError(
    `"${text}" is not the URL of a mail server; write one such as smtp://user:password@mail.example.org:587`,
  );
}

/** An entry with options as people write it. */
function itemOf(entry: DiscoveredInput): string {
  if (typeof entry === 'string') return entry;
  return Object.entries(entry)
    .map(([name, options]) => `${name}: ${pairs(options)}`)
    .join('');
}

function pairs(options: object): string {
  const texts = Object.entries(options).map(
    ([key, value]) => `${key}: ${Array.isArray(value) ? `[${value.map(flow).join(', ')}]` : flow(value)}`,
  );
  return `{ ${texts.join(', ')} }`;
}

/** As YAML in flow style. JSON is YAML; `\${` would be taken for a substitution. */
function flow(value: unknown): string {
  if (typeof value === 'string' && /^[a-z_]+$/.test(value)) return value;
  return JSON.stringify(value).replaceAll('${', () => '$${');
}
