/** What each receiver knows of an alert now, or waits for. */
import type { Hop, Said, WhyReceiver } from '../../api/why.ts';
import type { Want } from '../audience/audience.ts';
import { believes, type Row } from '../notify/ledger.ts';
import { repeatAt, type Change } from '../notify/plan.ts';

/** Of one receiver. */
export interface Standing {
  readonly receiver: string;
  /** Undefined: no route leads there. */
  readonly want: Want | undefined;
  /** Undefined: it has heard nothing, and need not now. */
  readonly row: Row | undefined;
  /** What it must hear. */
  readonly change: Change | undefined;
  /** Undefined: it is no notifier any more. */
  readonly lane: Delay | undefined;
}

/** What keeps a receiver from what is due. Times are by the clock's `elapsed`. */
export interface Delay {
  /** After attempts that failed. */
  readonly heldUntil: number;
  /** Of the last attempt, if it failed. */
  readonly error: string | undefined;
  /** Its maximum rate of messages. */
  readonly rateUntil: number;
  /** The next message of many groups; undefined: this group has messages of its own. */
  readonly digestAt: number | undefined;
}

export interface StandingOptions {
  readonly hop: Hop;
  readonly isAcknowledged: boolean;
  /** In words. */
  readonly mute: (reason: string) => Said;
  readonly elapsed: number;
  /** Elapsed → ms since the Unix epoch. */
  readonly wall: (elapsed: number) => number;
}

export function receiverOf(standing: Standing, options: StandingOptions): WhyReceiver {
  const { receiver: name, row } = standing;
  const at = row?.firstAt === undefined ? {} : { at: options.wall(row.firstAt) };
  const state = stateOf(standing, options);
  return { name: name.slice(0, 255), hop: options.hop, ...at, state, why: whyOf(standing, state, options) };
}

function stateOf(standing: Standing, { elapsed }: StandingOptions): WhyReceiver['state'] {
  const { want, row, change, lane } = standing;
  if (row !== undefined && believes(row)) return stateOfKnown(row, change);
  if (change === undefined || change.heldUntil === Infinity || want?.muted !== undefined) return 'held';
  return row?.heard === 'tried' || (lane?.heldUntil ?? 0) > elapsed ? 'failing' : 'waiting';
}

function stateOfKnown({ heard }: Row, change: Change | undefined): WhyReceiver['state'] {
  if (change?.kind === 'ended') return 'owed';
  return heard === 'maybe' ? 'maybe' : 'notified';
}

function whyOf(standing: Standing, state: WhyReceiver['state'], options: StandingOptions): Said {
  const { want, row, change } = standing;
  if (state === 'held') {
    if (want?.muted !== undefined) return options.mute(want.muted);
    return [change?.heldUntil === Infinity ? 'the hub notifies' : 'no route leads there'];
  }
  if (state !== 'notified' && state !== 'maybe') return delayOf(standing, options);
  return change === undefined ? nextOf(row, want, options) : [NEWS[change.kind] ?? '', ...delayOf(standing, options)];
}

/** Of a receiver that knows of the alert. */
const NEWS: Readonly<Record<string, string>> = {
  worse: 'it must hear that it got worse: ',
  better: 'it must hear that it got better: ',
  flapping: 'it must hear that it flaps: ',
  calm: 'it must hear that it flaps no more: ',
  repeat: 'a repeat is due: ',
  fired: 'it is sent again, since the last attempt may not have arrived: ',
};

function nextOf(row: Row | undefined, want: Want | undefined, { isAcknowledged, wall }: StandingOptions): Said {
  if (row === undefined || want?.muted !== undefined) return [];
  if (isAcknowledged) return ['no repeats, since it is acknowledged'];
  const at = want === undefined ? Infinity : repeatAt(row, want);
  return Number.isFinite(at) ? ['repeated at ', wall(at)] : [];
}

/** What a message still waits for. */
function delayOf({ change, lane, row }: Standing, { elapsed, wall }: StandingOptions): Said {
  if (lane === undefined) return ['it is no notifier any more; what it must hear is kept for a day'];
  if (change === undefined) return [];
  if (change.heldUntil > elapsed) return ['the hub has until ', wall(change.heldUntil), ' to confirm it'];
  const failed = `the last attempt failed${lane.error === undefined ? '' : ` (${lane.error.slice(0, 300)})`}`;
  const retryAt = Math.max(row?.retryAt ?? -Infinity, lane.heldUntil);
  if (retryAt > elapsed) return [`${failed}; next attempt at `, wall(retryAt)];
  if (change.readyAt > elapsed) return ['it waits for others of its group until ', wall(change.readyAt)];
  return (
    boundOf(lane, { elapsed, wall }) ?? [lane.error === undefined ? 'it is sent now' : `${failed}; it is sent now`]
  );
}

/** A bound on messages that holds it up. */
function boundOf(
  { digestAt, rateUntil }: Delay,
  { elapsed, wall }: Pick<StandingOptions, 'elapsed' | 'wall'>,
): Said | undefined {
  if (digestAt !== undefined)
    return ['alerts of too many groups fire, so it is in the next digest, at ', wall(Math.max(digestAt, elapsed))];
  if (rateUntil <= elapsed) return undefined;
  return ['it waits for its turn, at the maximum rate of this receiver, until ', wall(rateUntil)];
}
