/** The hub's hosts as the API and the input `fleet` show them. */
import type { FleetAnswer, FleetHost } from '../api/fleet.ts';
import type { FleetMetric } from '../plugin/index.ts';

import { missingLines } from './positions.ts';
import type { HostRecord } from './records.ts';
import type { Vitals } from './vitals.ts';
import type { SiteState } from './watch.ts';
import type { Writer } from './writers.ts';

export interface FleetState {
  readonly hosts: Iterable<HostRecord>;
  readonly writers: Iterable<Writer>;
  readonly sites: readonly SiteState[];
  readonly siteTag: string;
  readonly vitals: Vitals;
  readonly opinionOf: (host: HostRecord) => string | undefined;
}

export function fleetAnswer(
  { hosts, writers, sites, siteTag, vitals, opinionOf }: FleetState,
  now: number,
): FleetAnswer {
  return {
    hosts: [
      ...[...hosts].map((host) => ({ ...hostView(host, vitals), ...opinionView(opinionOf(host)) })),
      ...[...writers].map((writer) => writerView(writer, vitals)),
    ].sort((a, b) => (a.name < b.name ? -1 : 1)),
    sites: sites.map(({ site, expected, silent, lostAt }) => ({
      site,
      hosts: expected,
      silent,
      isLost: lostAt !== undefined,
    })),
    siteTag,
    now,
  };
}

function hostView(host: HostRecord, vitals: Vitals): FleetHost {
  const { id, name, formerNames, tags, presence, since, heardAt, joinedAt, bootedAt, addresses, version } = host;
  const { account, pending } = host;
  return {
    id,
    kind: 'agent',
    name,
    ...(host.title !== undefined && { title: host.title }),
    labels: host.granted,
    formerNames: [...formerNames],
    tags,
    presence,
    since,
    heardAt,
    joinedAt,
    keyAt: host.keyAt ?? joinedAt,
    bootedAt,
    addresses: [...addresses],
    version,
    offsetMs: host.offsetMs ?? null,
    isRevoked: host.revokedAt !== undefined,
    clonedFrom: host.clonedFrom ?? null,
    vitals: vitals.of(host),
    lines: {
      received: account.received,
      missing: missingLines(account),
      lost: account.lost,
      pending,
      completeSince: account.completeSince === 0 ? null : account.completeSince,
    },
  };
}

function opinionView(opinion: string | undefined): Pick<FleetHost, 'opinion'> {
  return opinion === undefined ? {} : { opinion };
}

function writerView(writer: Writer, vitals: Vitals): FleetHost {
  const { name, presence, since, heardAt, firstAt, lines } = writer;
  return {
    id: name,
    kind: 'writer',
    name,
    formerNames: [],
    tags: {},
    presence,
    since,
    heardAt,
    joinedAt: firstAt,
    bootedAt: 0,
    addresses: [],
    version: '',
    offsetMs: null,
    isRevoked: false,
    clonedFrom: null,
    vitals: vitals.of(writer),
    lines: { received: lines, missing: 0, lost: 0, pending: 0, completeSince: null },
  };
}

/** @param elapsed now, on the clock's `elapsed` @param isAlerted whether somebody hears when one is down */
export function writerMetrics(writers: Iterable<Writer>, elapsed: number, isAlerted: boolean): readonly FleetMetric[] {
  return [...writers].map(({ name, presence, heard, lines }) => ({
    name: 'fleet_host' as const,
    tags: { host: name, host_id: name, kind: 'writer' },
    fields: {
      up: presence === 'up' ? 1 : 0,
      ...(isAlerted ? { down: presence === 'down' ? 1 : 0, unreachable: presence === 'unreachable' ? 1 : 0 } : {}),
      silent: (elapsed - heard) / 1000,
      lines_received: lines,
    },
  }));
}

/** @param silentMs since the last message of a host @param isElsewhere another hub reports that it is away */
export function fleetMetrics(
  hosts: Iterable<HostRecord>,
  sites: readonly SiteState[],
  silentMs: (host: HostRecord) => number,
  isElsewhere: (host: HostRecord) => boolean,
): readonly FleetMetric[] {
  const known = [...hosts].filter(({ isApproved }) => isApproved);
  return [
    ...known.map((host) => ({
      name: 'fleet_host' as const,
      tags: tagsOf(host),
      fields: fieldsOf(host, silentMs(host), isElsewhere(host)),
    })),
    ...sites.map(({ site, expected, silent, lostAt, isReported = true }) => ({
      name: 'fleet_site' as const,
      // A tag has a value.
      tags: { site: site || 'fleet' },
      fields: { hosts: expected, silent, is_lost: lostAt !== undefined && isReported ? 1 : 0 },
    })),
  ];
}

function tagsOf({ id, name, tags }: HostRecord): Readonly<Record<string, string>> {
  return { ...tags, host: name, host_id: id, kind: 'agent' };
}

/** Nobody waits for a host that is revoked, nor for one of which another hub reports that it is away. */
function fieldsOf(
  { presence, offsetMs, account, corrected = 0, pending, revokedAt }: HostRecord,
  silentMs: number,
  isElsewhere: boolean,
) {
  const isOurs = revokedAt === undefined && !isElsewhere;
  const is = (state: HostRecord['presence']) => (isOurs && presence === state ? 1 : 0);
  return {
    up: revokedAt === undefined && presence === 'up' ? 1 : 0,
    down: is('down'),
    unreachable: is('unreachable'),
    stopped: is('stopped'),
    ...(Number.isFinite(silentMs) ? { silent: silentMs / 1000 } : {}),
    ...(offsetMs === undefined || isElsewhere ? {} : { clock_offset: offsetMs / 1000 }),
    lines_received: account.received,
    lines_missing: missingLines(account),
    lines_lost: account.lost,
    lines_pending: pending,
    lines_corrected: corrected,
  };
}
