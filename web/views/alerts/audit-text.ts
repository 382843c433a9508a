/** Entries of the history of alerts in words: what happened, and why. */
import { decimals } from '../../format/value.ts';
import type { IconName } from '../../parts/icon.tsx';

import type { AuditEntry } from './model.ts';

export interface AuditText {
  readonly icon: IconName;
  readonly tone: 'crit' | 'warn' | 'ok' | 'mut' | 'unk';
  readonly title: string;
  /** Why; empty if there is no more to say. */
  readonly why: string;
}

const BECAUSE: Readonly<Record<string, string>> = {
  first: 'it is new',
  level_up: 'it became worse',
  level_down: 'it became better',
  new_alerts: 'others of its group fire too',
  all_resolved: 'it ended',
  some_resolved: 'some of its group ended',
  unmuted: 'it is no longer muted',
  escalation: 'nobody acknowledged it',
  repeat: 'it still fires',
  flapping_start: 'it began to flap',
  flapping_end: 'it no longer flaps',
  late: 'it fired and ended before it could be notified',
  digest: 'of the digest',
  test: 'it is a test',
};

const QUIET: Readonly<Record<string, string>> = {
  notify_off: 'the rule notifies nobody',
  flapping: 'it flaps, so nobody is notified of each change',
  late: 'it is of the past, so nobody is notified',
};

export function auditText(entry: AuditEntry): AuditText {
  const { kind, reason, receiver = 'a receiver', by } = entry;
  const text = (key: string) => textOf(entry, key);
  switch (kind) {
    case 'transition':
      return transition(entry);
    case 'notification':
      return {
        icon: 'right',
        tone: 'mut',
        title: `A message to ${receiver}`,
        why: sentence(BECAUSE[reason] ?? reason),
      };
    case 'suppressed':
      return { icon: 'mute', tone: 'mut', title: `${receiver} is not notified`, why: sentence(reason) };
    case 'attempt':
      return attempt(entry, receiver);
    case 'ack':
      return acknowledged(reason, by, text('comment'));
    case 'silence':
      return { icon: 'mute', tone: 'mut', title: `Silence ${reason}${byText(by)}`, why: text('comment') };
    case 'handover':
      return { icon: 'right', tone: 'mut', title: HANDOVERS[reason] ?? sentence(reason.replaceAll('_', ' ')), why: '' };
    case 'agent':
      return { icon: 'info', tone: 'mut', title: `Agent: ${reason.replaceAll('_', ' ')}`, why: '' };
  }
}

const HANDOVERS: Readonly<Record<string, string>> = {
  handed_over: 'The hub has it, and notifies',
  passed_on: 'A hub has not confirmed it; the next one is asked',
  ended: 'The hub knows that it has ended',
  delivered_by_agent: 'The agent of the host notifies',
  taken_over: 'The hub notifies',
  moved_to_agent: 'The agent of the host has notified this receiver',
};

function transition(entry: AuditEntry): AuditText {
  const level = textOf(entry, 'level');
  const quiet = QUIET[textOf(entry, 'quiet')] ?? '';
  const why = sentence([textOf(entry, 'summary'), quiet].filter(Boolean).join('; '));
  const loud = { ...LEVEL_SHAPES[level], why } as const;
  switch (entry.reason) {
    case 'fired':
      return { ...INFO, ...loud, title: `Fires, ${level}` };
    case 'level_up':
      return { ...INFO, ...loud, title: `Worse: ${level}` };
    case 'level_down':
      return { ...INFO, ...loud, title: `Better: ${level}` };
    case 'resolved':
      return {
        icon: 'ok',
        tone: 'ok',
        title: 'Ends',
        why: sentence(textOf(entry, 'detail').replaceAll('_', ' ') || quiet),
      };
    case 'flapping_start':
      return { ...INFO, title: 'Begins to flap', why: 'Further changes are not notified.' };
    case 'flapping_end':
      return { ...INFO, title: 'No longer flaps', why: '' };
    default:
      return { ...INFO, title: sentence(entry.reason.replaceAll('_', ' ')), why };
  }
}

const INFO = { icon: 'info', tone: 'mut' } as const;
const LEVEL_SHAPES: Readonly<Record<string, Pick<AuditText, 'icon' | 'tone'>>> = {
  critical: { icon: 'crit', tone: 'crit' },
  warning: { icon: 'warn', tone: 'warn' },
};

function attempt(entry: AuditEntry, receiver: string): AuditText {
  const ms = entry.detail?.['ms'];
  const took = typeof ms === 'number' ? `in ${decimals(ms / 1000, 1)} s` : '';
  const because = BECAUSE[textOf(entry, 'because')] ?? '';
  switch (entry.reason) {
    case 'delivered':
      return {
        icon: 'ok',
        tone: 'ok',
        title: `${receiver} took it`,
        why: sentence([took, because].filter(Boolean).join('; ')),
      };
    case 'failed':
      return {
        icon: 'warn',
        tone: 'warn',
        title: `${receiver} did not take it`,
        why: sentence(textOf(entry, 'error')),
      };
    default:
      return {
        icon: 'warn',
        tone: 'warn',
        title: `${receiver}: ${entry.reason.replaceAll('_', ' ')}`,
        why: sentence(textOf(entry, 'error')),
      };
  }
}

const ACK_ENDS: Readonly<Record<string, string>> = {
  resolved: 'The alert ended.',
  level_up: 'The alert became worse.',
  expired: 'Its time was over.',
};

function acknowledged(reason: string, by: string | undefined, comment: string): AuditText {
  const icon = 'ack';
  if (reason === 'made') return { icon, tone: 'mut', title: `Acknowledged${byText(by)}`, why: comment };
  if (reason === 'resolved_by_hand') return { icon, tone: 'mut', title: `Ended by hand${byText(by)}`, why: comment };
  if (reason === 'withdrawn') return { icon, tone: 'mut', title: `Acknowledgement withdrawn${byText(by)}`, why: '' };
  return { icon, tone: 'mut', title: 'Acknowledgement ends', why: ACK_ENDS[reason] ?? sentence(reason) };
}

function byText(by: string | undefined): string {
  return by === undefined ? '' : ` by ${by}`;
}

function textOf({ detail }: AuditEntry, key: string): string {
  const value = detail?.[key];
  return typeof value === 'string' ? value : '';
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
