/** What the audit log says of one alert, beside its own entries: its last episode, silences, names. Pure but for the store. */
import { MOST_STEPS, type Hop, type Said, type WhyAnswer } from '../../api/why.ts';
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { AlertView } from '../../plugin/notification.ts';
import type { ListedSilence } from '../control.ts';
import type { AlertStore } from '../store/store.ts';

import { BY_AGENT } from './steps.ts';

export interface Episode {
  /** Of the entry that begins it. */
  readonly at?: number;
  readonly startsAt?: number;
  readonly endsAt?: number;
}

/** The last span from firing to resolved. @param entries oldest first */
export function episodeOf(entries: readonly AuditEntry[]): Episode {
  let episode: Episode = {};
  let isOpen = false;
  /** What an agent did before its hub heard of the alert. */
  let deedAt: number | undefined;
  for (const entry of entries) {
    const { kind, reason, at } = entry;
    if (kind !== 'transition' && kind !== 'handover') continue;
    if (!isOpen && isFirstDeed(entry)) deedAt ??= at;
    if (reason === 'fired' && !isOpen) {
      isOpen = true;
      episode = { at: Math.min(at, deedAt ?? at), startsAt: timeIn(entry, 'startsAt') };
    } else if (reason === 'resolved') {
      isOpen = false;
      deedAt = undefined;
      episode = { ...episode, endsAt: timeIn(entry, 'endsAt') };
    }
  }
  return episode;
}

function timeIn({ at, detail }: AuditEntry, key: string): number {
  const time = detail?.[key];
  return typeof time === 'number' ? time : at;
}

/** The last words of an agent may come after the end. */
function isFirstDeed({ kind, reason, detail }: AuditEntry): boolean {
  const kinds: unknown = detail?.['kinds'];
  const isEnd = Array.isArray(kinds) && (kinds[0] === 'ended' || kinds[0] === 'missed');
  return kind === 'handover' && reason.startsWith(BY_AGENT) && !isEnd;
}

/** Silences that entries name: when they were made, and ended. */
export function silencesOf(entries: readonly AuditEntry[], store: AlertStore): readonly AuditEntry[] {
  const ids = new Set(entries.flatMap(({ kind, reason }) => (kind === 'suppressed' ? (silenceId(reason) ?? []) : [])));
  if (ids.size === 0) return [];
  const all = store.history({ kinds: ['silence'], limit: MOST_STEPS });
  return all.filter(({ detail }) => typeof detail?.['id'] === 'string' && ids.has(detail['id']));
}

/** What holds an alert back, in words: of a silence also until when, and what was said. */
export function muteText(silences: readonly ListedSilence[]): (reason: string) => Said {
  const byId = new Map(silences.map((silence) => [silence.id, silence]));
  return (reason) => {
    const silence = byId.get(silenceId(reason) ?? '');
    if (silence === undefined) return [reason];
    const { by, until, comment, id } = silence;
    const note = comment === '' ? '' : `: ${comment.slice(0, 300)}`;
    return [`silenced by ${by.slice(0, 200)} until `, until, `${note} (${id})`];
  };
}

function silenceId(reason: string): string | undefined {
  return /^silenced by (\S+) by /.exec(reason)?.[1];
}

/** By the clock here. What the agent has told the hub, it knows itself. */
export function fromHub(
  { now: then, hop: hub, steps, receivers }: WhyAnswer,
  now: number,
): Pick<WhyAnswer, 'steps' | 'receivers'> {
  const ahead = then - now;
  const shift = (said: Said): Said => said.map((piece) => (typeof piece === 'number' ? piece - ahead : piece));
  const isOfHub = ({ hop }: { readonly hop: Hop }) => hop.role === 'hub';
  return {
    steps: steps.filter(isOfHub).map((step) => ({ ...step, hop: hub, at: step.at - ahead, why: shift(step.why) })),
    receivers: receivers.filter(isOfHub).map((each) => ({
      ...each,
      ...(each.at !== undefined && { at: each.at - ahead }),
      ...(each.endedAt !== undefined && { endedAt: each.endedAt - ahead }),
      why: shift(each.why),
    })),
  };
}

type Names = Pick<WhyAnswer, 'rule' | 'host' | 'summary' | 'level'>;

/** From the alert, or from what is remembered of it. */
export function namesOf(entries: readonly AuditEntry[], view: AlertView | undefined): Names {
  if (view !== undefined) return cutNames(view.rule, view.host, view.summary, view.level);
  const last = (key: 'rule' | 'host') => entries.findLast((entry) => entry[key] !== undefined)?.[key] ?? '';
  const isText = (summary: unknown): summary is string => typeof summary === 'string' && summary !== '';
  const summary = entries.map(({ detail }) => detail?.['summary']).findLast(isText) ?? '';
  return cutNames(last('rule'), last('host'), summary);
}

function cutNames(rule: string, host: string, summary: string, level?: Names['level']): Names {
  const cut = { rule: rule.slice(0, 255), host: host.slice(0, 255), summary: summary.slice(0, 2000) };
  return level === undefined ? cut : { ...cut, level };
}
