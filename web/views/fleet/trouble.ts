/** What is wrong with a host, the worst first. */
import type { Finding, FleetHost } from '../../api/answers.ts';
import { since } from '../../format/time.ts';
import { decimals, NO_BREAK, roughDuration } from '../../format/value.ts';
import type { IconName } from '../../parts/icon.tsx';

export const KINDS = ['down', 'unreachable', 'late', 'lost', 'clock', 'pending'] as const;
export type TroubleKind = (typeof KINDS)[number];

export interface Trouble {
  readonly kind: TroubleKind;
  /** Goes on after the name of the host: `is down`. */
  readonly says: string;
  readonly evidence: string;
  /** ms since the Unix epoch; null if it is not known. */
  readonly since: number | null;
}

/** How a host looks. */
export interface Look {
  readonly icon: IconName;
  readonly tone: 'crit' | 'warn' | 'unk' | 'mut';
  readonly word: string;
}

export interface HostRow extends FleetHost {
  /** Empty: it is fine, or somebody wanted it to be silent. */
  readonly troubles: readonly Trouble[];
  readonly look: Look;
  /** The worst first. */
  readonly rank: number;
}

const OFFSET_MS = 2000;
/** A loss is news for so long; the table keeps the count. */
const NEWS_MS = 86_400_000;

const LOOKS: Readonly<Record<TroubleKind | 'up' | 'stopped' | 'revoked', Look>> = {
  down: { icon: 'down', tone: 'crit', word: 'Down' },
  unreachable: { icon: 'unk', tone: 'unk', word: 'Unreachable' },
  late: { icon: 'warn', tone: 'warn', word: 'Late' },
  lost: { icon: 'warn', tone: 'warn', word: 'Lost lines' },
  clock: { icon: 'warn', tone: 'warn', word: 'Clock off' },
  pending: { icon: 'info', tone: 'mut', word: 'Waits for approval' },
  up: { icon: 'ok', tone: 'mut', word: 'Up' },
  stopped: { icon: 'pause', tone: 'mut', word: 'Stopped' },
  revoked: { icon: 'x', tone: 'mut', word: 'Revoked' },
};
const ORDER: readonly string[] = [...KINDS, 'up', 'stopped', 'revoked'];

export function lookOf(kind: TroubleKind): Look {
  return LOOKS[kind];
}

/** Of an alert. */
export function lookOfLevel(level: Finding['level']): Look {
  if (level === 'critical') return { icon: 'crit', tone: 'crit', word: 'Critical' };
  if (level === 'warning') return { icon: 'warn', tone: 'warn', word: 'Warning' };
  return { icon: 'unk', tone: 'unk', word: 'Unknown' };
}

/** @param now the hub's time, ms since the Unix epoch */
export function hostRow(host: FleetHost, now: number): HostRow {
  const troubles = host.isRevoked ? [] : troublesOf(host, now);
  const state = troubles[0]?.kind ?? quietState(host);
  return { ...host, troubles, look: LOOKS[state], rank: ORDER.indexOf(state) };
}

function quietState({ isRevoked, presence }: FleetHost): 'up' | 'stopped' | 'revoked' {
  if (isRevoked) return 'revoked';
  return presence === 'stopped' ? 'stopped' : 'up';
}

function troublesOf(host: FleetHost, now: number): readonly Trouble[] {
  return [presenceTrouble(host, now), lossOf(host, now), clockOf(host)].filter((one) => one !== undefined);
}

function presenceTrouble(
  { presence, since: at, heardAt, addresses, opinion }: FleetHost,
  now: number,
): Trouble | undefined {
  const heard = [`no word since ${since(heardAt, now)}`, opinion].filter(Boolean).join(', ');
  switch (presence) {
    case 'down':
      return { kind: 'down', says: 'is down', evidence: [heard, ...addresses.slice(0, 1)].join(' · '), since: at };
    case 'unreachable':
      return { kind: 'unreachable', says: 'cannot be reached', evidence: `${heard}, as most of its site`, since: at };
    case 'late':
      return { kind: 'late', says: 'is late', evidence: heard, since: heardAt };
    case 'pending':
      return { kind: 'pending', says: 'waits for approval', evidence: addresses.slice(0, 2).join(' · '), since: at };
    case 'up':
    case 'stopped':
      return undefined;
  }
}

function lossOf({ lines: { lost, completeSince } }: FleetHost, now: number): Trouble | undefined {
  if (lost === 0 || completeSince === null || now - completeSince > NEWS_MS) return undefined;
  const says = `has lost ${lost.toLocaleString('en')} lines`;
  return { kind: 'lost', says, evidence: `none is missing since ${since(completeSince, now)}`, since: completeSince };
}

function clockOf({ offsetMs }: FleetHost): Trouble | undefined {
  if (offsetMs === null || Math.abs(offsetMs) <= OFFSET_MS) return undefined;
  const evidence = 'its times are kept as it sends them';
  return { kind: 'clock', says: `has a clock that is ${offsetText(offsetMs)} the hub`, evidence, since: null };
}

/** `3.1 s behind`. @param offsetMs the hub's clock minus the host's */
export function offsetText(offsetMs: number): string {
  const ms = Math.abs(offsetMs);
  const amount = ms < 60_000 ? `${decimals(ms / 1000, 1)}${NO_BREAK}s` : roughDuration(ms);
  return `${amount} ${offsetMs > 0 ? 'behind' : 'ahead of'}`;
}

/** Values of a host that is silent are of the past. */
export function isHeard({ presence, isRevoked }: FleetHost): boolean {
  return !isRevoked && (presence === 'up' || presence === 'late');
}
