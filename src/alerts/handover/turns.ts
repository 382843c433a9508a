/**
 * Which of several hubs is asked to notify of an alert: the first in the order of the configuration that answers. If it has not
 * confirmed the alert in its time, the next one that answers has its turn, and after the last one the agent. Pure; times are by the
 * clock's `elapsed`, in milliseconds.
 */
import type { Turn } from './handed.ts';

/** A hub that may notify: it has not refused the host or the alert, and has receivers. */
export interface Candidate {
  readonly name: string;
  readonly deliverAfterMs: number;
  /** It has answered the last message. */
  readonly isHeard: boolean;
  /** It is being asked to notify: the answer to a message is under way. */
  readonly isAsked: boolean;
}

/** How long the agent waits before it looks again for an answer that is under way. */
const LOOK_MS = 500;

/** @param candidates in their order @param owner notifies of it already */
export function firstTurn(candidates: readonly Candidate[], at: number, owner?: string): Turn | undefined {
  const heard = candidates.filter(({ isHeard }) => isHeard);
  const of = heard.find(({ name }) => name === owner) ?? heard[0];
  const hub = of?.name ?? owner ?? candidates[0]?.name;
  return hub === undefined ? undefined : { hub, at, past: [] };
}

/** @returns the next turn; undefined while the present one goes on */
export function nextTurn(turn: Turn, candidates: readonly Candidate[], now: number): Turn | undefined {
  const current = currentOf(turn, candidates);
  if (current !== undefined && (current.isAsked || now < turn.at + current.deliverAfterMs)) return undefined;
  const [untried] = untriedOf(turn, candidates);
  const others = candidates.filter(({ name }) => name !== turn.hub);
  const heard = others.find(({ isHeard }) => isHeard);
  // It had its time, and so had the others: the first that answers gets it, unless that is the one that is asked.
  const other = current === undefined ? (heard ?? others[0]) : current.isHeard ? undefined : heard;
  const next = untried ?? other;
  return next && { hub: next.name, at: now, past: [...new Set([...turn.past, turn.hub])] };
}

/** When the agent notifies by itself, if no hub confirms before. */
export function endOfTurns(turn: Turn, candidates: readonly Candidate[], now: number): number {
  const current = currentOf(turn, candidates);
  const end = current === undefined ? -Infinity : turn.at + current.deliverAfterMs;
  const waiting = untriedOf(turn, candidates);
  if (waiting.length === 0) return current?.isAsked === true ? Math.max(end, now + LOOK_MS) : end;
  return waiting.reduce((at, { deliverAfterMs }) => at + deliverAfterMs, Math.max(end, now));
}

function currentOf({ hub }: Turn, candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.find(({ name }) => name === hub);
}

function untriedOf({ hub, past }: Turn, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ name, isHeard }) => isHeard && name !== hub && !past.includes(name));
}
