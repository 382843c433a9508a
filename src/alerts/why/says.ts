/** The state of an alert in a sentence or two. Pure. */
import type { Hop, Said, WhyAnswer, WhyReceiver } from '../../api/why.ts';

/** All that is known but the sentence. */
export type Known = Omit<WhyAnswer, 'says' | 'steps' | 'hasEarlier' | 'now'> & {
  readonly acknowledgedBy: string | undefined;
  /** While pending: when it fires. */
  readonly firesAt: number | undefined;
  /** Nobody is notified of it, whoever asks: its rule says so, or there is no notifier. */
  readonly nobody: string;
  /** Since when the hub has it. */
  readonly handedAt: number | undefined;
};

/** Receivers that a sentence names. */
const MOST_NAMED = 4;

export function saysOf(known: Known): Said {
  return known.state === 'ended' ? endedSays(known) : openSays(known);
}

function openSays(known: Known): Said {
  const { state, firesAt, receivers, isUnknown, acknowledgedBy, nobody } = known;
  if (state === 'pending')
    return firesAt === undefined
      ? ['It does not fire yet.']
      : ['It does not fire yet: it does at ', firesAt, ' if it stays.'];
  const heard = receivers.filter((each) => each.state === 'notified' || each.state === 'maybe');
  const due = receivers.filter((each) => each.state === 'waiting' || each.state === 'failing');
  return [
    ...(isUnknown === true ? ['Its host is not heard, so nobody knows whether it still fires. '] : []),
    ...(heard.length === 0
      ? []
      : ['Notified on ', ...listed(heard.map((each) => heardOf(each, known))), '; resolved is due when it ends.']),
    ...(due.length === 0 ? [] : [heard.length === 0 ? 'Nobody is notified yet: ' : ' ', ...waitingFor(due, known)]),
    ...(heard.length + due.length > 0 ? [] : unnotified(known, nobody)),
    ...(acknowledgedBy === undefined ? [] : [` ${acknowledgedBy} has acknowledged it.`]),
  ];
}

/** Why nobody here has anything to hear. */
function unnotified(known: Known, nobody: string): Said {
  const { owner, hop, hub, handedAt, receivers } = known;
  const isElsewhere = owner.role !== hop.role || owner.name !== hop.name;
  if (isElsewhere && owner.role === 'agent') return [`The agent of ${owner.name} notifies of it, not this hub.`];
  if (isElsewhere) {
    const since = handedAt === undefined ? [] : [' has had it since ', handedAt, ' and'];
    const said = ['The hub', ...since, ' notifies of it'];
    if (hub?.isHeard === true) return [...said, '; it has not notified anybody yet.'];
    return [
      ...said,
      `; what it sent is not known here, since it does not answer${hub?.error === undefined ? '' : `: ${hub.error}`}.`,
    ];
  }
  const [held] = receivers.filter(({ state }) => state === 'held');
  return held === undefined ? [`Nobody is notified: ${nobody}.`] : ['Nobody is notified: ', ...held.why, '.'];
}

function endedSays(known: Known): Said {
  const { endsAt, receivers, hub, owner, hop } = known;
  const done = receivers.filter(({ state }) => state === 'resolved');
  const owed = receivers.filter(({ state }) => state === 'owed' || state === 'waiting' || state === 'failing');
  const open = receivers.filter(({ state }) => state === 'notified' || state === 'maybe');
  const ended: Said = endsAt === undefined ? ['It has ended'] : ['It ended at ', endsAt];
  const isUnheard = hub?.isHeard === false && (owner.role !== hop.role || owner.name !== hop.name);
  if (done.length + owed.length + open.length === 0) {
    const unheard = `; what the hub sent is not known here, since it does not answer${hub?.error === undefined ? '' : `: ${hub.error}`}.`;
    return [...ended, isUnheard ? unheard : '; nobody was notified of it, so nobody gets a resolved notification.'];
  }
  return [
    ...ended,
    '. ',
    ...(done.length === 0 ? [] : [...listed(done.map((each) => resolvedOf(each, known))), '.']),
    ...(owed.length === 0 ? [] : [' Resolved is still due to ', ...waitingFor(owed, known)]),
    ...(open.length === 0
      ? []
      : [
          ' ',
          ...listed(open.map((each) => heardOf(each, known))),
          ' heard that it fired; that it heard the end is not recorded.',
        ]),
  ];
}

function heardOf({ name, at, hop, state }: WhyReceiver, known: Known): Said {
  const unsure = state === 'maybe' ? [' (the last attempt may not have arrived)'] : [];
  return [name, ...(at === undefined ? [] : [' at ', at]), ...byHop(hop, known), ...unsure];
}

function resolvedOf({ name, at, endedAt, hop }: WhyReceiver, known: Known): Said {
  const end: Said = endedAt === undefined ? [] : [' at ', endedAt];
  if (at === undefined) return [name, ' got one late message', ...end, ...byHop(hop, known)];
  return [name, ' got firing at ', at, ' and resolved', ...end, ...byHop(hop, known)];
}

function waitingFor(receivers: readonly WhyReceiver[], known: Known): Said {
  return [
    ...listed(
      receivers.map(({ name, why, hop }) => [name, ...byHop(hop, known), ': ', ...why]),
      '; ',
    ),
    '.',
  ];
}

/** Said where more than one process has to do with the alert. */
function byHop({ role, name }: Hop, { hop, hub, owner, receivers }: Known): Said {
  const all = [hop, owner, ...receivers.map((each) => each.hop)];
  const isAlone = hub === undefined && all.every((each) => each.role === hop.role && each.name === hop.name);
  return isAlone && role !== 'hub' ? [] : [` by the ${role} ${name}`];
}

function listed(all: readonly Said[], between = ', '): Said {
  const shown = all.slice(0, MOST_NAMED);
  const pieces = shown.flatMap((each, index) => (index === 0 ? [...each] : [between, ...each]));
  return all.length > shown.length ? [...pieces, ` and ${all.length - shown.length} more`] : pieces;
}
