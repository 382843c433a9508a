/** A fleet as a hub knows it: a site that went silent, hosts that are down, late, off with their clocks; the others are fine. */
import type { FleetAnswer, FleetEventsAnswer, FleetHost, TokenAnswer, TokensAnswer } from '../../../src/api/fleet.ts';

import { MINUTE } from './story.ts';

const ROLES = ['db', 'web', 'web', 'api', 'worker', 'worker', 'edge', 'build'];
const SITES = ['fra1', 'ams2', 'sfo3'];
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Hosts of the site that is lost. */
const LOST_SITE = { site: 'sin1', hosts: 5 };

/** What is special about some hosts, by their number. */
const SPECIAL: Readonly<Record<number, (now: number) => Partial<FleetHost>>> = {
  7: (now) => ({ presence: 'down', since: now - 22 * MINUTE, heardAt: now - 23 * MINUTE }),
  11: (now) => ({ presence: 'late', since: now - 7000, heardAt: now - 22_000 }),
  14: () => ({ offsetMs: 3100 }),
  21: (now) => ({ lines: { received: 812_004, missing: 0, lost: 412, pending: 3, completeSince: now - 2 * HOUR } }),
  23: (now) => ({ presence: 'pending', since: now - 5 * MINUTE }),
  25: (now) => ({ presence: 'stopped', since: now - 3 * DAY, heardAt: now - 3 * DAY }),
  28: () => ({ isRevoked: true }),
  31: (now) => ({ formerNames: [{ name: 'old-name', until: now - 9 * DAY }] }),
};

export interface FleetState {
  readonly size: number;
  readonly forgotten: Set<string>;
  readonly revoked: Set<string>;
  readonly approved: Set<string>;
  readonly tokens: TokensAnswer['tokens'];
}

export function fleetState(size: number): FleetState {
  return { size, forgotten: new Set(), revoked: new Set(), approved: new Set(), tokens: [] };
}

export function storyFleet({ size, forgotten, revoked, approved }: FleetState, now: number): FleetAnswer {
  const hosts = Array.from({ length: size }, (_, index) => hostAt(index, size, now))
    .filter(({ id }) => !forgotten.has(id))
    .map((host) => ({
      ...host,
      ...(approved.has(host.id) && { presence: 'up' as const }),
      ...(revoked.has(host.id) && { isRevoked: true }),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const isLost = size > 40;
  const lost = { site: LOST_SITE.site, hosts: 8, silent: LOST_SITE.hosts, isLost: true };
  const fine = SITES.map((site) => ({ site, hosts: Math.floor(size / SITES.length), silent: 0, isLost: false }));
  return { hosts, sites: [...fine, ...(isLost ? [lost] : [])], siteTag: 'site', now };
}

function hostAt(index: number, size: number, now: number): FleetHost {
  const isOfLost = size > 40 && index >= size - LOST_SITE.hosts;
  const role = ROLES[index % ROLES.length] ?? 'web';
  const site = isOfLost ? LOST_SITE.site : (SITES[index % SITES.length] ?? '');
  const noise = (salt: number) =>
    Math.abs(Math.sin(index * 78.233 + salt * 12.9898 + Math.floor(now / 10_000)) * 43_758.5) % 1;
  const number = String(index + 1).padStart(3, '0');
  return {
    id: index.toString(16).padStart(32, '0'),
    kind: 'agent',
    name:
      index === 2 ? `${role}-${site}-${number}.prod.customer-portal.internal.example.org` : `${role}-${site}-${number}`,
    formerNames: [],
    tags: { role, site },
    presence: 'up',
    since: now - (1 + (index % 41)) * DAY,
    heardAt: now - (index % 5) * 1000,
    joinedAt: now - (60 + (index % 90)) * DAY,
    bootedAt: now - (1 + (index % 41)) * DAY,
    addresses: [`10.0.${Math.floor(index / 250)}.${1 + (index % 250)}`],
    version: '0.1.0',
    offsetMs: Math.round(noise(3) * 40 - 20),
    isRevoked: false,
    clonedFrom: null,
    vitals: { cpu: noise(1) * 90, memory: 30 + noise(2) * 50, disk: 20 + noise(5) * 60, load: noise(7) * 9 },
    lines: {
      received: 800_000 + index,
      missing: 0,
      lost: 0,
      pending: index % 7,
      completeSince: now - (1 + (index % 212)) * DAY,
    },
    ...SPECIAL[index]?.(now),
    ...(isOfLost && { presence: 'unreachable' as const, since: now - 3 * MINUTE, heardAt: now - 4 * MINUTE }),
  };
}

export function storyFleetEvents(
  state: FleetState,
  now: number,
  host: string | undefined,
): FleetEventsAnswer | undefined {
  const { hosts } = storyFleet(state, now);
  const found = hosts.find(({ id, name }) => id === host || name === host);
  if (found === undefined) return undefined;
  const event = (ago: number, kind: string, text: string) => ({
    at: now - ago,
    kind,
    host: found.id,
    name: found.name,
    text,
  });
  return {
    events: [
      event(22 * MINUTE, 'down', `${found.name} is down: the hub hears nothing of it`),
      event(9 * DAY, 'rebooted', `${found.name} was rebooted; the hub heard nothing of it for 41s`),
      event(60 * DAY, 'joined', `${found.name} has joined`),
    ],
  };
}

/** @returns undefined for what is not about the fleet */
export function actOnFleet(
  state: FleetState,
  path: string,
  body: Readonly<Record<string, unknown>>,
  now: number,
): object | undefined {
  const [, id = '', what] = /^fleet\/hosts\/([^/]+)\/(\w+)$/.exec(path) ?? [];
  const changed = { approve: state.approved, revoke: state.revoked, forget: state.forgotten }[what ?? ''];
  if (changed !== undefined) {
    changed.add(id);
    return { id, name: storyFleet(state, now).hosts.find((host) => host.id === id)?.name ?? '' };
  }
  if (path === 'fleet/tokens') {
    const [expiresMs, uses] = [Number(body['expiresMs']), Number(body['uses'])];
    const expiresAt = now + expiresMs;
    const tags = body['tags'] as Record<string, string>;
    state.tokens.push({ id: '5f3a9c01', tags, createdAt: now, expiresAt, uses, used: 0 });
    return {
      id: '5f3a9c01',
      join: 'https://hub.example.org:8400#hd_join_abcdefghijklmnop',
      expiresAt,
    } satisfies TokenAnswer;
  }
  const [, token] = /^fleet\/tokens\/([^/]+)\/end$/.exec(path) ?? [];
  if (token === undefined) return undefined;
  state.tokens.splice(0, state.tokens.length, ...state.tokens.filter((one) => one.id !== token));
  return {};
}
