/**
 * The account of one agent's lines, from their numbers in its journal: how many were made, received and lost, and since when
 * nothing is missing. Lines come in runs; after an outage new ones come first, and older ones beside them.
 */

import { NEW_COUNT } from '../journal/record.ts';

export interface Account {
  /** Number of the first line that the account knows of. Earlier ones, of a backlog that comes later, extend it. */
  from: number;
  /** Number after the last line that was received. 0: none was. */
  to: number;
  /** Runs before `to` that have not come: first line, and the one after the last. Ascending. */
  missing: (readonly [from: number, to: number])[];
  received: number;
  lost: number;
  /** When the last gap ended or was given up, or the first line came. ms since the Unix epoch; 0 before that. */
  completeSince: number;
}

/** Lines that an agent sends, by their numbers. Between them may be lines that the agent's configuration keeps from the hub. */
export interface Run {
  readonly from: number;
  /** After the last. */
  readonly to: number;
  /** Lines sent. */
  readonly size: number;
}

/** Beyond this many the two oldest count as one gap, which claims too much rather than too little. */
const MOST_GAPS = 100;

export function newAccount(): Account {
  return { from: 0, to: 0, missing: [], received: 0, lost: 0, completeSince: 0 };
}

/** Whether all lines of a run were received before: an agent that missed the answer sends them again. */
export function isKnown({ from: start, to: end, missing }: Account, { from, to }: Run): boolean {
  return from >= start && to <= end && !missing.some(([first, last]) => from < last && to > first);
}

export function receive(account: Account, run: Run, now: number): void {
  if (isKnown(account, run)) return;
  // An agent may claim any size.
  account.received = Math.min(account.received + Math.min(run.size, run.to - run.from), Number.MAX_SAFE_INTEGER);
  // What was made before the host joined is not missing.
  if (account.completeSince === 0) account.completeSince = now;
  extend(account, run);
  const wasComplete = account.missing.length === 0;
  account.missing = account.missing.flatMap((gap) => without(gap, run));
  if (!wasComplete && account.missing.length === 0) account.completeSince = now;
  while (account.missing.length > MOST_GAPS) {
    const [first, second] = account.missing.splice(0, 2);
    if (first !== undefined && second !== undefined) account.missing.unshift([first[0], second[1]]);
  }
}

/** After the loss of a journal the numbers go on much higher up: between them were never any lines. */
function extend(account: Account, { from, to }: Run): void {
  if (account.to === 0 || from - account.to > NEW_COUNT) account.from = account.to = from;
  if (to < account.from && account.from - to <= NEW_COUNT) account.missing.unshift([to, account.from]);
  if (from > account.to) account.missing.push([account.to, from]);
  account.from = Math.min(account.from, from);
  account.to = Math.max(account.to, to);
}

/**
 * The agent has nothing left to send: what is missing never comes.
 *
 * @param before number of a line: later ones were made since the agent said so, and may be on their way
 * @returns lines that are lost
 */
export function giveUp(account: Account, now: number, before = Infinity): number {
  const all = missingLines(account);
  account.missing = account.missing.flatMap(([from, to]) =>
    to <= before ? [] : [[Math.max(from, before), to] as const],
  );
  const lost = all - missingLines(account);
  if (lost === 0) return 0;
  account.lost = Math.min(account.lost + lost, Number.MAX_SAFE_INTEGER);
  if (account.missing.length === 0) account.completeSince = now;
  return lost;
}

/** The numbers begin again: a new journal. */
export function beginAgain(account: Account): void {
  account.from = 0;
  account.to = 0;
  account.missing = [];
  account.completeSince = 0;
}

export function missingLines({ missing }: Account): number {
  return missing.reduce((sum, [from, to]) => sum + to - from, 0);
}

function without([from, to]: readonly [number, number], run: Run): (readonly [number, number])[] {
  if (run.from >= to || run.to <= from) return [[from, to]];
  return [...(run.from > from ? [[from, run.from] as const] : []), ...(run.to < to ? [[run.to, to] as const] : [])];
}
