/** An entry of the audit log as a step in the story of one alert: what happened, and why. */
import type { Hop, Said, WhyStep } from '../../api/why.ts';
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import { formatValue, humanDuration } from '../../plugin/message-text.ts';
import { CHANGE_KINDS, type ChangeKind } from '../../plugin/notification.ts';

export interface StepOptions {
  /** Whose entries they are. */
  readonly hop: Hop;
  readonly fingerprint: string;
  /** What holds an alert back, in words: who silenced it, and until when. */
  readonly mute: (reason: string) => Said;
}

type Text = Pick<WhyStep, 'mark' | 'title' | 'why'>;

/** Of a text, characters. */
const MOST_LENGTH = 500;

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

/** What a message says of one alert. */
const KINDS: Readonly<Record<ChangeKind, string>> = {
  fired: 'firing',
  worse: 'worse',
  better: 'better',
  flapping: 'flapping',
  calm: 'no longer flapping',
  ended: 'resolved',
  missed: 'fired and resolved, late',
  repeat: 'still firing',
};

const QUIET: Readonly<Record<string, string>> = {
  notify_off: 'the rule notifies nobody',
  flapping: 'it flaps, so nobody is notified of each change',
  late: 'it is of the past, so nobody is notified',
};

export function stepOf(entry: AuditEntry, options: StepOptions): WhyStep {
  const { title, why, mark } = textOfEntry(entry, options);
  const attempt = attemptOf(entry, options.fingerprint);
  const { receiver } = entry;
  return {
    at: entry.at,
    hop: hopOf(entry, options.hop),
    mark,
    title: cut(title),
    why: why
      .filter((piece) => piece !== '')
      .map((piece, index) =>
        typeof piece === 'number' ? piece : cut(index === 0 ? sentence(piece, textIn(entry, 'summary')) : piece),
      ),
    ...(receiver !== undefined && { receiver: receiver.slice(0, 255) }),
    ...(attempt !== undefined && { attempt }),
  };
}

/** Steps that an agent has told its hub are those of the agent. */
function hopOf({ kind, reason, detail }: AuditEntry, own: Hop): Hop {
  const from = detail?.['from'];
  const isOfAgent = kind === 'handover' && reason.startsWith(BY_AGENT) && typeof from === 'string';
  return isOfAgent ? { role: 'agent', name: from } : own;
}

/** How the reasons begin of what an agent did, in the audit log of its hub. */
export const BY_AGENT = 'agent_';

function textOfEntry(entry: AuditEntry, options: StepOptions): Text {
  const { kind, reason, receiver = 'a receiver', by } = entry;
  switch (kind) {
    case 'transition':
      return transition(entry, '');
    case 'notification':
      return { mark: 'note', title: `A message to ${receiver}`, why: [BECAUSE[reason] ?? plain(reason)] };
    case 'suppressed':
      return { mark: 'held', title: `${receiver} is not notified`, why: options.mute(reason) };
    case 'attempt':
      return attempted(entry, receiver, options.fingerprint);
    case 'ack':
      return acknowledged(entry, by);
    case 'silence':
      return silenced(entry, by);
    case 'handover':
      return handedOver(entry, receiver, options);
    case 'agent':
      return { mark: 'note', title: `Agent: ${plain(reason)}`, why: [] };
  }
}

function transition(entry: AuditEntry, where: string): Text {
  const level = textIn(entry, 'level');
  const quiet = QUIET[textIn(entry, 'quiet')] ?? '';
  const why = [[textIn(entry, 'summary'), ...valueTexts(entry), quiet].filter(Boolean).join('; ')];
  const mark = level === 'critical' || level === 'warning' ? level : 'note';
  switch (entry.reason) {
    case 'fired':
      return { mark, title: `Fires${where}, ${level}`, why };
    case 'level_up':
      return { mark, title: `Worse: ${level}`, why };
    case 'level_down':
      return { mark, title: `Better: ${level}`, why };
    case 'resolved':
      return {
        mark: 'ok',
        title: 'Ends',
        why: [sentence([plain(textIn(entry, 'detail')), quiet, ...valueTexts(entry)].find(Boolean) ?? '')],
      };
    case 'flapping_start':
      return { mark: 'note', title: 'Begins to flap', why: ['Further changes are not notified'] };
    case 'flapping_end':
      return { mark: 'note', title: 'No longer flaps', why: [] };
    default:
      return { mark: 'note', title: sentence(plain(entry.reason)), why };
  }
}

/** Its value with the limit, and how long it was beyond that before it fired. */
function valueTexts(entry: AuditEntry): readonly string[] {
  const [value, threshold] = [numberIn(entry, 'value'), numberIn(entry, 'threshold')];
  const [activeAt, startsAt] = [numberIn(entry, 'activeAt'), numberIn(entry, 'startsAt')];
  const unit = textIn(entry, 'unit');
  const limit = threshold === undefined ? '' : `, limit ${formatValue(threshold, unit, value)}`;
  const waited =
    entry.reason !== 'fired' || activeAt === undefined || startsAt === undefined ? 0 : Math.max(0, startsAt - activeAt);
  return [
    value === undefined ? '' : `${formatValue(value, unit, threshold)}${limit}`,
    waited < 1000 ? '' : `beyond the limit for ${humanDuration(waited)} before`,
  ];
}

function attempted(entry: AuditEntry, receiver: string, fingerprint: string): Text {
  const kind = KINDS[attemptOf(entry, fingerprint)?.kind ?? 'fired'];
  const ms = numberIn(entry, 'ms');
  const took = ms === undefined ? '' : `in ${formatValue(ms, 'ms')}`;
  const because = BECAUSE[textIn(entry, 'because')] ?? '';
  const error = textIn(entry, 'error');
  switch (entry.reason) {
    case 'delivered':
      return {
        mark: 'sent',
        title: `${receiver} took it: ${kind}`,
        why: [sentence([took, because].filter(Boolean).join('; '))],
      };
    case 'failed':
      return {
        mark: 'failed',
        title: `${receiver} did not take it: ${kind}`,
        why: [sentence([error, isUnknown(entry) ? 'it may have arrived' : ''].filter(Boolean).join('; '))],
      };
    default:
      return { mark: 'failed', title: `${receiver}: ${plain(entry.reason)}`, why: [sentence(error)] };
  }
}

/** What a message said of this alert, and what became of it. */
function attemptOf(entry: AuditEntry, fingerprint: string): WhyStep['attempt'] {
  const isDeed = entry.kind === 'handover' && entry.reason.startsWith(BY_AGENT);
  if (entry.kind !== 'attempt' && !isDeed) return undefined;
  const fate = isDeed ? entry.reason.slice(BY_AGENT.length) : entry.reason;
  if (fate === 'delivered') return { kind: saidOf(entry, fingerprint), outcome: 'accepted' };
  if (fate !== 'failed') return undefined;
  return { kind: saidOf(entry, fingerprint), outcome: isUnknown(entry) ? 'unknown' : 'not_sent' };
}

/** Entries of earlier versions do not say it of each alert. */
function saidOf(entry: AuditEntry, fingerprint: string): ChangeKind {
  const kinds = entry.detail?.['kinds'];
  const at = [entry.fingerprint, ...(entry.also ?? [])].indexOf(fingerprint);
  const found: unknown = Array.isArray(kinds) ? kinds[at] : undefined;
  return CHANGE_KINDS.find((each) => each === found) ?? kindOf(textIn(entry, 'because'));
}

function kindOf(because: string): ChangeKind {
  if (because === 'all_resolved' || because === 'some_resolved') return 'ended';
  return because === 'late' ? 'missed' : because === 'repeat' ? 'repeat' : 'fired';
}

function isUnknown({ detail }: AuditEntry): boolean {
  return detail?.['unknown'] === true;
}

const ACK_ENDS: Readonly<Record<string, string>> = {
  resolved: 'The alert ended',
  level_up: 'The alert became worse',
  expired: 'Its time was over',
};

function acknowledged(entry: AuditEntry, by: string | undefined): Text {
  const { reason } = entry;
  const why = [textIn(entry, 'comment')];
  if (reason === 'made') return { mark: 'ack', title: `Acknowledged${byText(by)}`, why };
  if (reason === 'resolved_by_hand') return { mark: 'ack', title: `Ended by hand${byText(by)}`, why };
  if (reason === 'withdrawn') return { mark: 'ack', title: `Acknowledgement withdrawn${byText(by)}`, why: [] };
  return { mark: 'ack', title: 'Acknowledgement ends', why: [ACK_ENDS[reason] ?? sentence(plain(reason))] };
}

function silenced(entry: AuditEntry, by: string | undefined): Text {
  const [until, from] = [numberIn(entry, 'until'), numberIn(entry, 'from')];
  const comment = textIn(entry, 'comment');
  const ends = until === undefined ? [] : ['until ', until];
  const begins = from === undefined || from <= entry.at ? [] : ['from ', from, ' '];
  const times = entry.reason === 'made' ? [...begins, ...ends, comment === '' ? '' : `: ${comment}`] : [comment];
  return { mark: 'held', title: `Silence ${textIn(entry, 'id')} ${plain(entry.reason)}${byText(by)}`, why: times };
}

function handedOver(entry: AuditEntry, receiver: string, options: StepOptions): Text {
  const from = textIn(entry, 'from');
  const { reason } = entry;
  const own = HANDOVERS[reason];
  if (own !== undefined) return { mark: 'handover', title: own[0], why: [own[1]] };
  switch (reason) {
    case 'delivered_by_agent':
      return {
        mark: 'handover',
        title: `The agent of ${from} notifies`,
        why: ['This hub had not confirmed it in time'],
      };
    case 'taken_over':
      return { mark: 'handover', title: 'This hub notifies', why: [] };
    case 'moved_to_agent':
      return { mark: 'handover', title: `${receiver} heard of it from the agent`, why: ['The agent says the rest'] };
    default:
      if (reason.startsWith(BY_AGENT))
        return attempted({ ...entry, reason: reason.slice(BY_AGENT.length) }, receiver, options.fingerprint);
      return transition(entry, from === '' ? '' : ` on ${from}`);
  }
}

/** At an agent. */
const HANDOVERS: Readonly<Record<string, readonly [title: string, why: string]>> = {
  handed_over: ['The hub has confirmed it, and notifies', ''],
  not_confirmed: ['The hub has not confirmed it in time', 'This agent notifies by itself'],
  passed_on: ['The hub has not confirmed it in time', 'The next hub is asked'],
  ended: ['The hub knows that it has ended', ''],
};

function byText(by: string | undefined): string {
  return by === undefined ? '' : ` by ${by}`;
}

function textIn({ detail }: AuditEntry, key: string): string {
  const value = detail?.[key];
  return typeof value === 'string' ? value : '';
}

function numberIn({ detail }: AuditEntry, key: string): number | undefined {
  const value = detail?.[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function plain(text: string): string {
  return text.replaceAll('_', ' ');
}

/** A text that begins with a name, such as the summary of a rule, stays as it is. */
function sentence(text: string, name = ''): string {
  return name !== '' && text.startsWith(name) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

function cut(text: string): string {
  return text.length <= MOST_LENGTH ? text : `${text.slice(0, MOST_LENGTH - 1)}…`;
}
