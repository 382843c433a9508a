/** What a receiver must be told now: truth minus belief. Pure; times are by the clock's `elapsed`, in milliseconds. */
import { rank, type ChangeKind, type NotificationReason } from '../../plugin/notification.ts';
import type { Want } from '../audience/audience.ts';

import { wordId, type Group, type Word } from './attempt-record.ts';
import { believes, type Row } from './ledger.ts';
import type { Fact } from './truth.ts';

export interface Change {
  readonly kind: ChangeKind;
  readonly fact: Fact;
  readonly row: Row;
  readonly group: Group;
  /** When it may be sent. Others of its group go along, whatever theirs is. */
  readonly readyAt: number;
  /** Not even with others of its group is it sent before. */
  readonly heldUntil: number;
}

export interface Situation {
  readonly elapsed: number;
  readonly isAcknowledged: boolean;
  /** Undefined: no route leads to the receiver any more. */
  readonly want: Want | undefined;
  /** When the receiver last heard of the group. */
  readonly groupHeardAt: number;
  /** Until then it is the hub that notifies those who have not heard of it. */
  readonly heldUntil: number;
}

/** @returns undefined if the receiver knows all that it should */
export function changeOf(row: Row, fact: Fact, situation: Situation): Change | undefined {
  const kind = kindOf(row, fact, situation);
  if (kind === undefined) return undefined;
  const isFirst = kind === 'fired' && !believes(row);
  const group = isFirst ? (situation.want?.group ?? row.group) : row.group;
  const ready = Math.max(readyAt(kind, row, fact, situation), fact.contextUntil ?? -Infinity);
  const heldUntil = believes(row) ? -Infinity : situation.heldUntil;
  return { kind, fact, row, group, heldUntil, readyAt: Math.max(ready, row.retryAt ?? -Infinity, heldUntil) };
}

function kindOf(row: Row, fact: Fact, situation: Situation): ChangeKind | undefined {
  if (fact.status === 'ended') return believes(row) ? 'ended' : 'missed';
  const { want } = situation;
  // A mute holds back all words but ends.
  if (want?.muted !== undefined) return undefined;
  if (!believes(row)) return want === undefined ? undefined : 'fired';
  return row.heard === 'maybe' ? 'fired' : changeOfKnown(row, fact, situation);
}

/** A receiver that knows of an alert hears how it goes on, also when no route leads there any more. */
function changeOfKnown(row: Row, { view }: Fact, { want, elapsed, isAcknowledged }: Situation): ChangeKind | undefined {
  if (view.flapping !== row.flapping) return view.flapping ? 'flapping' : 'calm';
  if (view.level !== row.level) return rank(view.level) > rank(row.level) ? 'worse' : 'better';
  return want !== undefined && !isAcknowledged && elapsed >= repeatAt(row, want) ? 'repeat' : undefined;
}

/** When nothing changes before. */
export function repeatAt(row: Row, want: Want): number {
  return (row.lastAt ?? row.owedAt) + want.repeatMs;
}

function readyAt(kind: ChangeKind, row: Row, fact: Fact, { want, groupHeardAt }: Situation): number {
  if (want === undefined || kind === 'calm' || kind === 'repeat') return -Infinity;
  const next = groupHeardAt + want.intervalMs;
  switch (kind) {
    case 'fired':
      return Math.max(row.owedAt + want.waitMs, fact.view.level === 'critical' || row.wasMuted ? -Infinity : next);
    case 'worse':
    case 'flapping':
      return fact.since + want.waitMs;
    case 'better':
      return Math.max(fact.since + want.waitMs, next);
    case 'ended':
    case 'missed':
      return fact.since + want.endWaitMs;
  }
}

export interface Limits {
  readonly elapsed: number;
  /** Maximum alerts that a message lists. */
  readonly most: number;
  /** Each message has one alert. */
  readonly each: boolean;
  /** Only these may be sent, because a message with more was refused. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Whether a group may have a message of its own; all others share one. */
  readonly admits: (group: string) => boolean;
  readonly receiver: string;
  /** Group of the message that failed last: others go first. */
  readonly failed?: string | undefined;
}

/** The words of one message. */
export interface Message {
  readonly group: Group;
  readonly isDigest: boolean;
  readonly listed: readonly Change[];
  readonly counted: readonly Change[];
}

/** Most alerts that a digest lists. */
const MOST_IN_DIGEST = 100;

/** @returns the next message, or when there will be one; `Infinity` if there is nothing to say */
export function nextMessage(open: readonly Change[], limits: Limits): Message | { readonly wakeAt: number } {
  const { elapsed, only, most, each, admits, receiver } = limits;
  const asked = only === undefined ? open : open.filter(({ fact }) => only.has(fact.fingerprint));
  const allowed = asked.filter(({ heldUntil }) => heldUntil <= elapsed);
  const ready = allowed.filter((change) => change.readyAt <= elapsed);
  if (ready.length === 0) return { wakeAt: Math.min(Infinity, ...asked.map((change) => change.readyAt)) };
  // What was refused by itself is tried by itself, after everything else.
  const first = ready.reduce((a, b) => (isBefore(b, a, limits) ? b : a));
  if (first.row.refusals > 0 || each) return { group: first.group, isDigest: false, listed: [first], counted: [] };
  const isDigest = only === undefined && !admits(first.group.key);
  const together = allowed.filter(({ group, row, kind, readyAt: at }) => {
    if (row.refusals > 0) return false;
    if (isDigest) return at <= elapsed && !admits(group.key);
    return group.key === first.group.key && (at <= elapsed || row.retryAt === undefined) && kind !== 'repeat';
  });
  const changes = [...new Set([first, ...together, ...repeatsOf(first, ready)])].sort(byImportance);
  const group = isDigest ? { key: `digest:${receiver}`, route: '', tags: {} } : first.group;
  return { group, isDigest, ...divide(changes, isDigest ? MOST_IN_DIGEST : most) };
}

/** Alerts of a group that are due for a repeat are repeated together. */
function repeatsOf(first: Change, ready: readonly Change[]): readonly Change[] {
  return ready.filter(({ kind, group }) => kind === 'repeat' && group.key === first.group.key);
}

function isBefore(a: Change, b: Change, { failed, each }: Limits): boolean {
  const [isLater, isOtherLater] = [a.group.key === failed, b.group.key === failed];
  if (isLater !== isOtherLater) return isOtherLater;
  if (a.row.refusals !== b.row.refusals) return a.row.refusals < b.row.refusals;
  return each ? byImportance(a, b) < 0 : a.readyAt < b.readyAt;
}

/** Firing before ended, the worst first, then the oldest. */
function byImportance(a: Change, b: Change): number {
  const place = ({ fact: { status, view } }: Change) => (status === 'firing' ? 10 : 0) + rank(view.level);
  return place(b) - place(a) || a.fact.view.startsAt - b.fact.view.startsAt;
}

/** The end of an alert that was listed is listed, in further messages if need be; everything else may be counted. */
function divide(changes: readonly Change[], most: number): Pick<Message, 'listed' | 'counted'> {
  const listed = changes.slice(0, most);
  const counted = changes.slice(most).filter(({ kind, row }) => kind !== 'ended' || row.heard === 'counted');
  return { listed, counted };
}

export function wordOf(receiver: string, { kind, fact, row, group }: Change): Word {
  const word = {
    fingerprint: fact.fingerprint,
    episode: kind === 'ended' ? row.episode : fact.episode,
    words: row.words,
    kind,
    level: fact.view.level,
    flapping: fact.status === 'firing' && fact.view.flapping,
    group,
  };
  return { id: wordId(receiver, word), ...word };
}

/** @param known number of firing alerts of the group that the receiver knows, without those of the message */
export function reasonOf({ isDigest, listed, counted }: Message, known: number): NotificationReason {
  if (isDigest) return 'digest';
  const changes = [...listed, ...counted];
  const kinds = new Set(changes.map(({ kind }) => kind));
  const flapping = reasonOfFlapping(changes);
  if (flapping !== undefined) return flapping;
  return kinds.has('fired') ? reasonOfFired(changes, known) : reasonOfKnown(kinds, known);
}

function reasonOfFlapping(changes: readonly Change[]): NotificationReason | undefined {
  const begins = ({ kind, fact }: Change) => kind === 'flapping' || (kind === 'fired' && fact.view.flapping);
  const ends = ({ kind, row }: Change) => kind === 'calm' || (kind === 'ended' && row.flapping);
  if (changes.some(begins)) return 'flapping_start';
  return changes.some(ends) ? 'flapping_end' : undefined;
}

function reasonOfKnown(kinds: ReadonlySet<ChangeKind>, known: number): NotificationReason {
  const goesOn = known > 0 || kinds.has('worse') || kinds.has('better') || kinds.has('repeat');
  if (kinds.has('worse')) return 'level_up';
  if (kinds.has('ended')) return goesOn ? 'some_resolved' : 'all_resolved';
  if (kinds.has('missed')) return 'late';
  return kinds.has('better') ? 'level_down' : 'repeat';
}

function reasonOfFired(changes: readonly Change[], known: number): NotificationReason {
  const fired = changes.filter(({ kind }) => kind === 'fired');
  if (fired.every(({ row }) => row.because === 'escalation')) return 'escalation';
  if (fired.every(({ row }) => row.wasMuted)) return 'unmuted';
  if (changes.some(({ kind }) => kind === 'worse')) return 'level_up';
  return known === 0 && !changes.some(({ row }) => believes(row)) ? 'first' : 'new_alerts';
}
