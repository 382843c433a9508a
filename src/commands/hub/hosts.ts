/** `healthd hub hosts` and `healthd hub events`. */
import type { FleetAnswer, FleetEventsAnswer, FleetHost } from '../../api/fleet.ts';

import { columns, humanAge, humanCount } from '../columns.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';

export interface HubHostsInput extends ConfigOptions {
  readonly json?: boolean;
}

export function hubHosts({ json, ...options }: HubHostsInput, terminal: Terminal): Promise<ExitCode> {
  return withDaemon(options, terminal, async ({ client, print }) => {
    const fleet = (await client.get('/api/v1/fleet')) as FleetAnswer;
    print(json === true ? fleet : hostLines(fleet));
    return EXIT.ok;
  });
}

export interface HubEventsInput extends HubHostsInput {
  readonly host?: string;
}

export function hubEvents({ host, json, ...options }: HubEventsInput, terminal: Terminal): Promise<ExitCode> {
  const query = host === undefined ? '' : `?host=${encodeURIComponent(host)}`;
  return withDaemon(options, terminal, async ({ client, print }) => {
    const { events } = (await client.get(`/api/v1/fleet/events${query}`)) as FleetEventsAnswer;
    const lines = events.map(({ at, text }) => `${new Date(at).toISOString()}  ${text}`);
    print(json === true ? events : lines.length === 0 ? ['Nothing has happened yet'] : lines);
    return EXIT.ok;
  });
}

/** What is wrong first, then by name. */
const ORDER = ['down', 'unreachable', 'late', 'pending', 'stopped', 'up'];
const HEAD = ['HOST', 'STATE', 'SINCE', 'HEARD', 'LINES', 'WAITING', 'LOST', 'COMPLETE SINCE', 'CLOCK'];

function hostLines({ hosts, sites, now }: FleetAnswer): readonly string[] {
  if (hosts.length === 0) return ['No host has joined; "healthd hub token create" prints what to run on one'];
  const sorted = hosts.toSorted((a, b) => ORDER.indexOf(a.presence) - ORDER.indexOf(b.presence));
  const lost = sites
    .filter(({ isLost }) => isLost)
    .map(
      ({ site, silent, hosts: all }) => `Lost sight of ${silent} of ${all} hosts${site === '' ? '' : ` in ${site}`}`,
    );
  const isMixed = hosts.some(({ kind }) => kind === 'writer');
  const rows = [HEAD, ...sorted.map((host) => row(host, now))];
  // Only then people need to know.
  if (isMixed)
    rows.forEach((cells, index) => cells.splice(1, 0, index === 0 ? 'KIND' : (sorted[index - 1]?.kind ?? '')));
  const align = [
    ...(isMixed ? ['left' as const] : []),
    'left',
    'left',
    'right',
    'right',
    'right',
    'right',
    'right',
    'right',
    'right',
  ] as const;
  return [...lost, ...columns(rows, align)];
}

function row({ name, presence, since, heardAt, lines, offsetMs, isRevoked }: FleetHost, now: number): string[] {
  const { received, pending, missing, lost, completeSince } = lines;
  return [
    name,
    isRevoked ? 'revoked' : presence,
    humanAge(now - since),
    `${humanAge(now - heardAt)} ago`,
    humanCount(received),
    humanCount(Math.max(pending, missing)),
    humanCount(lost),
    completeSince === null ? '' : humanAge(now - completeSince),
    offsetMs === null ? '' : `${(Math.round(offsetMs / 100) / 10 + 0).toFixed(1)} s`,
  ];
}
