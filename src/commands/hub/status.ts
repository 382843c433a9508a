/** `healthd hub status`: the hub on one screen. */
import type { AgentAnswer } from '../../api/agent.ts';
import type { FleetAnswer, FleetHost, TokensAnswer } from '../../api/fleet.ts';

import { columns, counted, humanAge, humanBytes, humanCount } from '../columns.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';

export interface HubStatusInput extends ConfigOptions {
  readonly json?: boolean;
}

interface HubFacts {
  readonly fleet: FleetAnswer;
  readonly tokens: TokensAnswer['tokens'];
  readonly agent: AgentAnswer;
}

/** Hosts that are named in a line. */
const MOST_NAMED = 5;
/** As the stock rule `clock_offset`. ms. */
const OFFSET_MS = 2000;

export function hubStatus({ json, ...options }: HubStatusInput, terminal: Terminal): Promise<ExitCode> {
  return withDaemon(options, terminal, async ({ client, print }) => {
    const [fleet, { tokens }, agent] = (await Promise.all(
      ['fleet', 'fleet/tokens', 'agent'].map((path) => client.get(`/api/v1/${path}`)),
    )) as [FleetAnswer, TokensAnswer, AgentAnswer];
    print(json === true ? summary({ fleet, tokens, agent }) : statusLines({ fleet, tokens, agent }));
    return EXIT.ok;
  });
}

const STATES = ['up', 'late', 'unreachable', 'down', 'stopped', 'pending', 'revoked'] as const;

function stateOf({ isRevoked, presence }: FleetHost): (typeof STATES)[number] {
  return isRevoked ? 'revoked' : presence;
}

export function summary({ fleet: { hosts, sites, now }, tokens, agent }: HubFacts) {
  const sum = (of: (lines: FleetHost['lines']) => number) => hosts.reduce((total, { lines }) => total + of(lines), 0);
  return {
    hosts: Object.fromEntries(
      STATES.map((state) => [state, hosts.filter((host) => stateOf(host) === state).length] as const),
    ),
    lostSites: sites.filter(({ isLost }) => isLost).map(({ site }) => site),
    lines: {
      received: sum(({ received }) => received),
      waiting: sum(({ pending, missing }) => Math.max(pending, missing)),
      lost: sum(({ lost }) => lost),
    },
    tokens: tokens.filter(({ expiresAt, used, uses }) => expiresAt > now && used < uses),
    disk: { journalBytes: agent.journal.diskBytes, historyBytes: agent.history?.bytes ?? null },
  };
}

export function statusLines(facts: HubFacts): readonly string[] {
  const { fleet, agent } = facts;
  const { hosts, lostSites, lines, tokens, disk } = summary(facts);
  const { now } = fleet;
  const states = Object.entries(hosts).filter(([, count]) => count > 0);
  const named = (state: string) =>
    of(
      fleet.hosts.filter((host) => stateOf(host) === state),
      now,
    );
  const rows = [
    ['Hosts', `${fleet.hosts.length}: ${states.map(([state, count]) => `${count} ${state}`).join(', ') || 'none'}`],
    ...['down', 'unreachable', 'pending', 'stopped'].map((state) => [`  ${state}`, named(state)]),
    ['Lost sites', lostSites.map((site) => site || 'all hosts').join(', ')],
    [
      'Lines',
      `${humanCount(lines.received)} received, ${humanCount(lines.waiting)} waiting, ${humanCount(lines.lost)} lost`,
    ],
    ['  lost by', of(fleet.hosts.filter(({ lines: { lost } }) => lost > 0))],
    ['Clocks off', of(fleet.hosts.filter(({ offsetMs }) => Math.abs(offsetMs ?? 0) > OFFSET_MS))],
    [
      'Join tokens',
      tokens
        .map(({ id, used, uses, expiresAt }) => `${id} (${used}/${uses}, ${humanAge(expiresAt - now)} left)`)
        .join(', ') || 'none',
    ],
    ['Disk', diskText(disk)],
    ['Journal', agent.journal.isDegraded ? 'cannot be written; hosts keep their lines' : ''],
    ['Outputs', outputsText(agent)],
  ];
  return columns(
    rows.filter(([, text]) => text !== '').map(([head = '', text = '']) => [head, text]),
    ['left', 'left'],
  );
}

function of(hosts: readonly FleetHost[], now?: number): string {
  const names = hosts
    .slice(0, MOST_NAMED)
    .map(({ title, name, since }) => `${title ?? name}${now === undefined ? '' : ` (${humanAge(now - since)})`}`);
  const more = hosts.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function diskText({ journalBytes, historyBytes }: ReturnType<typeof summary>['disk']): string {
  const history = historyBytes === null ? 'no history' : `history ${humanBytes(historyBytes)}`;
  return `journal ${humanBytes(journalBytes)}, ${history}`;
}

function outputsText({ outputs }: AgentAnswer): string {
  return outputs
    .filter(({ error, waitingLines }) => error !== undefined || waitingLines > 0)
    .map(
      ({ alias, waitingLines, error }) =>
        `${alias}: ${counted(waitingLines, 'line')} waiting${error === undefined ? '' : `, ${error}`}`,
    )
    .join('; ');
}
