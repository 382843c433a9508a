/**
 * The state machine of one alert: one rule on one series. Pure functions from a state and an event to the next state. If
 * nothing changes they return the same object, so a sample of an alert at rest allocates nothing.
 *
 * ```
 *            a level is reached             for `for`
 *   ok ─────────────────────▶ pending ─────────────────────▶ firing ◀──┐ held again
 *   ▲                            │ not reached                 │       │
 *   │◀───────────────────────────┘                    cleared  ▼       │
 *   │◀───────────── for `keepFiringFor` ───────────────── recovering ──┘
 * ```
 *
 * Each level has its own clear threshold, so an alert steps down from critical to warning to ok. Times are milliseconds
 * since the Unix epoch, in sample time.
 */
import { ALERT_LEVELS, rank, type AlertLevel, type Level } from '../../plugin/notification.ts';
import type { Timing, Verdict } from '../rules/rule.ts';

/** Level → since when. */
export type Since = Readonly<Partial<Record<AlertLevel, number>>>;

export interface AlertState {
  readonly status: 'ok' | 'pending' | 'firing' | 'recovering';
  /** While pending the level that is reached; while firing or recovering the level that is shown. */
  readonly level: Level;
  /** When it fired. */
  readonly startsAt: number | undefined;
  /** The highest level since it fired. */
  readonly peak: Level;
  /** When the first level was reached, before `for`. */
  readonly activeAt: number | undefined;
  /** The levels that the last sample reached, and since when without a break. Includes levels that the rule does not have. */
  readonly reached: Readonly<Partial<Record<AlertLevel, Reached>>>;
  /** Since when each level, up to the one shown, has been cleared. */
  readonly cleared: Since;
  /** Set if it fires because data is missing. */
  readonly detail: 'no_data' | undefined;
}

interface Reached {
  readonly since: number;
  /** 2 means two or more. */
  readonly samples: 1 | 2;
}

type Judgement = Pick<Verdict, 'reached' | 'held'>;

/** The timing of a rule that the state depends on. */
export type Waits = Pick<Timing, 'for' | 'keepFiringFor'>;

export interface Change {
  readonly kind: 'fired' | 'level_up' | 'level_down' | 'resolved';
  readonly from: Level;
  readonly to: Level;
}

const NONE = Object.freeze({});

export const OK: AlertState = Object.freeze({
  status: 'ok',
  level: 'ok',
  startsAt: undefined,
  peak: 'ok',
  activeAt: undefined,
  reached: NONE,
  cleared: NONE,
  detail: undefined,
});

/**
 * Applies a sample. Samples are in time order.
 *
 * @param isBroken the gap since the previous sample exceeds `maxGap`, so `for` restarts
 */
export function onSample(
  state: AlertState,
  time: number,
  judged: Judgement,
  isBroken: boolean,
  waits: Waits,
): AlertState {
  if (state === OK && judged.reached === 'ok') return OK;
  const before = state.detail === undefined ? state : dataReturned(state, judged.held);
  const reached = reachedAt(isBroken ? NONE : before.reached, judged.reached, time);
  const cleared = isShown(before) ? clearedAt(before.cleared, judged.held, before.level, time) : NONE;
  const isSame = reached === before.reached && cleared === before.cleared;
  return settle(isSame ? before : { ...before, reached, cleared }, time, waits);
}

/** Applies the passing of time without a sample: `for` or `keepFiringFor` may have elapsed. */
export function onTime(state: AlertState, now: number, waits: Waits): AlertState {
  return state.status === 'ok' || state.detail !== undefined ? state : settle(state, now, waits);
}

/** The change from one state to the next, if it is a visible one. */
export function changeBetween(before: AlertState, after: AlertState): Change | undefined {
  const [from, to] = [shownLevel(before), shownLevel(after)];
  if (from === to) return undefined;
  if (from === 'ok') return { kind: 'fired', from, to };
  if (to === 'ok') return { kind: 'resolved', from, to };
  return { kind: rank(to) > rank(from) ? 'level_up' : 'level_down', from, to };
}

export function isShown({ status }: AlertState): boolean {
  return status === 'firing' || status === 'recovering';
}

/** `ok` while pending. */
export function shownLevel(state: AlertState): Level {
  return isShown(state) ? state.level : 'ok';
}

/** Data is back: a missing-data alert is resolved at once, without `keepFiringFor`, unless the value itself is bad. */
function dataReturned(state: AlertState, held: Level): AlertState {
  if (held === 'ok') return OK;
  return { ...state, level: rank(held) < rank(state.level) ? held : state.level, detail: undefined, cleared: NONE };
}

function settle(state: AlertState, now: number, waits: Waits): AlertState {
  const ready = highestReady(state.reached, now, waits);
  if (!isShown(state)) return ready === 'ok' ? settleQuiet(state) : fired(state, ready, now);
  if (rank(ready) > rank(state.level)) {
    const peak = rank(ready) > rank(state.peak) ? ready : state.peak;
    return { ...state, status: 'firing', level: ready, peak, cleared: NONE };
  }
  return settleShown(state, now, waits);
}

function settleQuiet(state: AlertState): AlertState {
  const level = highestReached(state.reached);
  if (level === 'ok') return OK;
  const activeAt = earliest(state.reached);
  const isSame = state.status === 'pending' && state.level === level && state.activeAt === activeAt;
  return isSame ? state : { ...OK, status: 'pending', level, activeAt, reached: state.reached };
}

function fired(state: AlertState, level: Level, now: number): AlertState {
  const activeAt = earliest(state.reached) ?? now;
  return { ...OK, status: 'firing', level, peak: level, startsAt: now, activeAt, reached: state.reached };
}

function settleShown(state: AlertState, now: number, { for: waits, keepFiringFor }: Waits): AlertState {
  const { level, cleared } = state;
  const isHeld = (each: AlertLevel) => {
    const since = cleared[each];
    return waits[each] !== undefined && (since === undefined || now - since < keepFiringFor);
  };
  const next = ALERT_LEVELS.findLast((each) => rank(each) <= rank(level) && isHeld(each)) ?? 'ok';
  if (next === 'ok') return settleQuiet({ ...OK, reached: state.reached });
  const status = cleared[next] === undefined ? 'firing' : 'recovering';
  return status === state.status && next === level ? state : { ...state, status, level: next };
}

/** Time at a higher level counts for the lower levels. */
function reachedAt(before: AlertState['reached'], level: Level, time: number): AlertState['reached'] {
  if (level === 'ok') return isEmpty(before) ? before : NONE;
  const isSame = ALERT_LEVELS.every((each) => before[each]?.samples === (rank(each) <= rank(level) ? 2 : undefined));
  if (isSame) return before;
  const after: Partial<Record<AlertLevel, Reached>> = {};
  for (const each of ALERT_LEVELS) {
    if (rank(each) > rank(level)) continue;
    const since = before[each]?.since;
    after[each] = since === undefined ? { since: time, samples: 1 } : { since, samples: 2 };
  }
  return after;
}

function clearedAt(before: Since, held: Level, shown: Level, time: number): Since {
  const isSame = ALERT_LEVELS.every((each) => isCleared(each, held, shown) === (before[each] !== undefined));
  if (isSame) return before;
  const after: Partial<Record<AlertLevel, number>> = {};
  for (const each of ALERT_LEVELS) {
    if (isCleared(each, held, shown)) after[each] = before[each] ?? time;
  }
  return after;
}

function isCleared(level: AlertLevel, held: Level, shown: Level): boolean {
  return rank(level) > rank(held) && rank(level) <= rank(shown);
}

/** A single sample is enough only without `for`. */
function highestReady(reached: AlertState['reached'], now: number, { for: waits }: Waits): Level {
  if (isEmpty(reached)) return 'ok';
  return (
    ALERT_LEVELS.findLast((level) => {
      const [seen, wait] = [reached[level], waits[level]];
      if (seen === undefined || wait === undefined) return false;
      return wait === 0 || (seen.samples > 1 && now - seen.since >= wait);
    }) ?? 'ok'
  );
}

function highestReached(reached: AlertState['reached']): Level {
  return ALERT_LEVELS.findLast((level) => reached[level] !== undefined) ?? 'ok';
}

/** Whenever a level is reached, the lowest level is as well. */
function earliest(reached: AlertState['reached']): number | undefined {
  return reached[ALERT_LEVELS[0]]?.since;
}

function isEmpty(reached: AlertState['reached']): boolean {
  return reached.info === undefined;
}

/** To validate stored states. */
export const STATUSES = ['ok', 'pending', 'firing', 'recovering'] as const satisfies readonly AlertState['status'][];
