/** Why somebody was notified of an alert, as text. Times are local. */
import type { Hop, KnownAlert, Said, WhyAnswer, WhyReceiver, WhyStep } from '../../api/why.ts';

import { printable } from '../../core/printable.ts';

import { columns, humanAge } from '../columns.ts';

const STATES: Readonly<Record<WhyReceiver['state'], string>> = {
  notified: 'notified',
  maybe: 'unclear',
  waiting: 'waits',
  failing: 'fails',
  held: 'held back',
  owed: 'resolved is due',
  resolved: 'resolved',
};

/** @param most steps of the last time that it fired; undefined: all steps that there are */
export function whyLines(answer: WhyAnswer, most: number | undefined): readonly string[] {
  const { now, steps, receivers, says, hub, rule, host, summary, fingerprint, episodeAt = -Infinity } = answer;
  const time = (at: number) => timeText(at, now);
  const ofEpisode = most === undefined ? steps : steps.filter(({ at }) => at >= episodeAt).slice(-most);
  const hasEarlier = answer.hasEarlier || ofEpisode.length < steps.length;
  const isAlone = [...ofEpisode, ...receivers].every(({ hop }) => isSame(hop, answer.hop)) && hub === undefined;
  const error = hub?.isHeard === false ? (hub.error ?? 'it does not answer') : undefined;
  const blocks = [
    [summary === '' ? rule : summary, `${stateText(answer)} · rule ${rule} · host ${host} · id ${fingerprint}`],
    error === undefined ? [] : [`The hub does not say what it did: ${error}`],
    hasEarlier ? ['(there is more before; --all shows it)'] : [],
    stepLines(ofEpisode, isAlone, time),
    receiverLines(receivers, isAlone, time),
    [textOf(says, time)],
  ].filter((block) => block.length > 0);
  // What comes from outside must not begin a line.
  return blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block])).map((line) => printable(line));
}

/** Alerts to choose from. */
export function knownLines(alerts: readonly KnownAlert[], now: number): readonly string[] {
  const rows = alerts.map(({ fingerprint, state, rule, host, summary, at }) => [
    fingerprint,
    state === 'ended' ? `ended ${humanAge(now - at)} ago` : state,
    rule,
    host,
    summary,
  ]);
  return columns([['ID', 'STATE', 'RULE', 'HOST', 'SUMMARY'], ...rows], ['left', 'left', 'left', 'left', 'left']);
}

type Time = (at: number) => string;

function stepLines(steps: readonly WhyStep[], isAlone: boolean, time: Time): readonly string[] {
  const rows = steps.map(({ at, hop, title, why }) => {
    const reason = textOf(why, time);
    return [time(at), ...(isAlone ? [] : [hopText(hop)]), reason === '' ? title : `${title}. ${reason}`];
  });
  return columns(rows, isAlone ? ['left', 'left'] : ['left', 'left', 'left']);
}

function receiverLines(receivers: readonly WhyReceiver[], isAlone: boolean, time: Time): readonly string[] {
  if (receivers.length === 0) return [];
  const rows = receivers.map(({ name, hop, state, at, endedAt, why }) => {
    const known = [at === undefined ? '' : `since ${time(at)}`, endedAt === undefined ? '' : `ended ${time(endedAt)}`];
    return [
      name,
      ...(isAlone ? [] : [hopText(hop)]),
      STATES[state],
      [...known, textOf(why, time)].filter(Boolean).join(', '),
    ];
  });
  const head = ['RECEIVER', ...(isAlone ? [] : ['OF']), 'STATE', ''];
  return columns(
    [head, ...rows],
    head.map(() => 'left'),
  );
}

function stateText({ state, isUnknown, level, startsAt, endsAt, now }: WhyAnswer): string {
  if (state === 'ended') return endsAt === undefined ? 'ended' : `ended ${timeText(endsAt, now)}`;
  const since = startsAt === undefined ? '' : ` since ${timeText(startsAt, now)} (${humanAge(now - startsAt)})`;
  return `${isUnknown === true ? 'unknown' : state}${level === undefined ? '' : `, ${level}`}${since}`;
}

function hopText({ role, name }: Hop): string {
  return `${role} ${name}`.trim();
}

function isSame(a: Hop, b: Hop): boolean {
  return a.role === b.role && a.name === b.name;
}

function textOf(said: Said, time: Time): string {
  return said.map((piece) => (typeof piece === 'number' ? time(piece) : piece)).join('');
}

/** `03:12:04` of today, else with the day. */
function timeText(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = [then.getHours(), then.getMinutes(), then.getSeconds()].map(two).join(':');
  if (then.toDateString() === today.toDateString()) return clock;
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${clock}`;
}
