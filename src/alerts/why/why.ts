/**
 * Why somebody was, or was not, notified of an alert: its story from the audit log, what each receiver knows now, and the state in a
 * sentence. One function for the command, the API and the page.
 */
import {
  MOST_RECEIVERS,
  MOST_STEPS,
  type Hop,
  type Said,
  type WhyAnswer,
  type WhyReceiver,
  type WhyStep,
} from '../../api/why.ts';
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { ListedAlert, ListedSilence } from '../control.ts';
import type { Fact } from '../notify/truth.ts';
import type { AlertStore } from '../store/store.ts';

import { saysOf } from './says.ts';
import { receiverOf, type Standing } from './standing.ts';
import { stepOf } from './steps.ts';
import { episodeOf, fromHub, muteText, namesOf, silencesOf, type Episode } from './story.ts';
import { placeOf, toldBySteps } from './told.ts';

export interface WhyMeans {
  readonly store: AlertStore;
  /** This process. */
  readonly hop: Hop;
  readonly silences: readonly ListedSilence[];
  /** Undefined: nothing has to be said of it any more. */
  readonly fact: Fact | undefined;
  readonly standings: () => readonly Standing[];
  /** The hub of this agent notifies of it. */
  readonly isWithHub: boolean;
  readonly hasNotifiers: boolean;
  readonly now: number;
  readonly elapsed: number;
}

/** What the hub says of it; undefined where there is no hub. */
export type OfHub = { readonly answer: WhyAnswer } | { readonly error: string };

interface Asked {
  readonly fingerprint: string;
  /** Undefined: it has ended. */
  readonly listed: ListedAlert | undefined;
  readonly ofHub: OfHub | undefined;
  /** Maximum number of steps. */
  readonly limit: number;
}

/** @returns undefined if nothing is known of it */
export function whyOf(asked: Asked, means: WhyMeans): WhyAnswer | undefined {
  const { fingerprint, listed, limit } = asked;
  const most = Math.min(limit, MOST_STEPS);
  const newest = means.store.history({ fingerprint, limit: most + 1 });
  if (newest.length === 0 && listed === undefined) return undefined;
  const found = foundOf(asked, newest.slice(0, most).toReversed(), means, most);
  const about = aboutOf(found, means);
  const says = saysOf({
    ...about,
    acknowledgedBy: listed?.alert.ack?.by.slice(0, 200),
    firesAt: listed?.firesAfter === undefined ? undefined : listed.alert.startsAt + listed.firesAfter,
    nobody: nobodyText(means),
    handedAt: found.entries.findLast(isHandedOver)?.at,
  });
  return { now: means.now, ...about, steps: found.steps, hasEarlier: newest.length > most, says };
}

/** @param entries oldest first */
function foundOf(asked: Asked, entries: readonly AuditEntry[], means: WhyMeans, most: number): Found {
  const { fingerprint, ofHub } = asked;
  const { store, hop, now, silences } = means;
  const mute = muteText(silences);
  const own = [...silencesOf(entries, store), ...entries].map((entry) => stepOf(entry, { hop, fingerprint, mute }));
  const theirs = ofHub !== undefined && 'answer' in ofHub ? fromHub(ofHub.answer, now) : NOTHING;
  const steps = [...own, ...theirs.steps].sort((a, b) => a.at - b.at).slice(-most);
  return { ...asked, entries, episode: episodeOf(entries), steps, theirs: theirs.receivers, mute };
}

const NOTHING = { steps: [], receivers: [] };

function aboutOf(found: Found, means: WhyMeans) {
  const { fingerprint, listed, ofHub, entries, episode } = found;
  return {
    hop: means.hop,
    fingerprint,
    ...namesOf(entries, listed?.alert ?? means.fact?.view),
    ...timesOf(listed, episode),
    owner: ownerOf(found, means),
    receivers: receiversOf(found, means).slice(0, MOST_RECEIVERS),
    ...(ofHub !== undefined && { hub: hubOf(ofHub) }),
  };
}

interface Found extends Asked {
  readonly entries: readonly AuditEntry[];
  readonly episode: Episode;
  readonly steps: readonly WhyStep[];
  /** Receivers of the hub. */
  readonly theirs: readonly WhyReceiver[];
  readonly mute: (reason: string) => Said;
}

type Times = Pick<WhyAnswer, 'state' | 'isUnknown' | 'startsAt' | 'endsAt' | 'episodeAt'>;

function timesOf(listed: ListedAlert | undefined, { at, startsAt, endsAt }: Episode): Times {
  const began = at === undefined ? {} : { episodeAt: at };
  if (listed !== undefined) {
    const { state, isUnknown, alert } = listed;
    return { state, startsAt: alert.startsAt, ...began, ...(isUnknown === true && { isUnknown }) };
  }
  const times = { ...(startsAt !== undefined && { startsAt }), ...(endsAt !== undefined && { endsAt }) };
  return { state: 'ended', ...times, ...began };
}

function hubOf(ofHub: OfHub): NonNullable<WhyAnswer['hub']> {
  return 'answer' in ofHub ? { isHeard: true } : { isHeard: false, error: ofHub.error };
}

function nobodyText({ fact, hasNotifiers }: WhyMeans): string {
  if (fact?.isQuiet === true) return 'its rule is history only';
  return hasNotifiers ? 'no route leads to a notifier' : 'there is no notifier';
}

function ownerOf({ ofHub, entries }: Found, { hop, fact, isWithHub }: WhyMeans): Hop {
  if (fact?.origin?.isDelivered === true) return { role: 'agent', name: fact.origin.name };
  const last = entries.findLast((entry) => isHandedOver(entry) || isNotConfirmed(entry));
  const wasAtHub = ofHub !== undefined && last !== undefined && isHandedOver(last);
  if (!(fact === undefined ? wasAtHub : isWithHub)) return hop;
  return ofHub !== undefined && 'answer' in ofHub ? ofHub.answer.hop : { role: 'hub', name: '' };
}

function isHandedOver({ kind, reason }: AuditEntry): boolean {
  return kind === 'handover' && reason === 'handed_over';
}

function isNotConfirmed({ kind, reason }: AuditEntry): boolean {
  return kind === 'handover' && reason === 'not_confirmed';
}

/** Those here, those that only the story knows of, and those of the hub. */
function receiversOf({ listed, steps, episode, theirs, mute }: Found, means: WhyMeans): readonly WhyReceiver[] {
  const { hop, now, elapsed, fact, standings } = means;
  const wall = (at: number) => Math.round(now + (at - elapsed));
  const isAcknowledged = listed?.alert.ack !== undefined;
  const here = (fact === undefined ? [] : standings()).map((standing) =>
    receiverOf(standing, { hop, isAcknowledged, mute, elapsed, wall }),
  );
  const all = [...here, ...theirs];
  const told = toldBySteps(steps.filter(({ at }) => at >= (episode.at ?? -Infinity)));
  const byPlace = new Map(told.map((each) => [placeOf(each), each]));
  const names = new Set(all.map(placeOf));
  return [...all.map((each) => heardAt(each, byPlace)), ...told.filter((each) => !names.has(placeOf(each)))];
}

/** Of one that owes an end the story may know that it was heard. */
function heardAt(receiver: WhyReceiver, told: ReadonlyMap<string, WhyReceiver>): WhyReceiver {
  const known = told.get(placeOf(receiver));
  return receiver.state === 'held' && known?.state === 'resolved' ? known : receiver;
}
