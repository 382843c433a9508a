/**
 * What one alert is: one rule on one series. Pure: a state and what happened give the next state. Where nothing changes
 * the very same object is returned, so an alert at rest costs no memory for its samples.
 *
 * ```
 *            a level is reached             for its `for`
 *   ok ─────────────────────▶ pending ─────────────────────▶ firing ◀──┐ a breach of the clear line
 *   ▲                            │ not reached                 │       │
 *   │◀───────────────────────────┘                 clear line  ▼       │
 *   │◀───────────── for `keepFiringFor` ───────────────── recovering ──┘
 * ```
 *
 * Each level ends by its own clear line, so an alert steps down from critical to warning to ok. Times are milliseconds
 * since the Unix epoch, on the time line of the samples.
 */
import { ALERT_LEVELS, rank, type AlertLevel, type Level } from '../../plugin/notification.ts';
import type { Timing, Verdict } from '../rules/rule.ts';

/** Level → since when. */
export type Since = Readonly<Partial<Record<AlertLevel, number>>>;

export interface AlertState {
  readonly status: 'ok' | 'pending' | 'firing' | 'recovering';
  /** While pending the one that is reached; while firing and recovering the one that is shown. */
  readonly level: Level;
  /** When it began to fire. */
  readonly startsAt: number | undefined;
  /** The highest level since then. */
  readonly peak: Level;
  /** When the first level of what is pending or fires was reached. */
  readonly activeAt: number | undefined;
  /** Which levels the last sample reached, and since when without a break. Levels that the rule does not have are among them. */
  readonly reached: Readonly<Partial<Record<AlertLevel, Reached>>>;
  /** Since when the clear lines are passed, of levels up to the one that is shown. */
  readonly cleared: Since;
  /** Why it fires if no sample says so: nothing was heard for too long. */
  readonly detail: 'no_data' | undefined;
}

interface Reached {
  readonly since: number;
  /** Two stands for more. */
  readonly samples: 1 | 2;
}

type Judgement = Pick<Verdict, 'reached' | 'held'>;

/** What of a rule the state depends on. */
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
 * A new sample, later than all before.
 *
 * @param isBroken so much time has passed since the one before that nobody knows what was in between
 */
export function onSample(
  state: AlertState,
  time: number,
  judged: Judgement,
  isBroken: boolean,
  waits: Waits,
): AlertState {
  if (state === OK && judged.reached === 'ok') return OK;
  const before = state.detail === undefined ? state : heardAgain(state, judged.held);
  const reached = reachedAt(isBroken ? NONE : before.reached, judged.reached, time);
  const cleared = isShown(before) ? clearedAt(before.cleared, judged.held, before.level, time) : NONE;
  const isSame = reached === before.reached && cleared === before.cleared;
  return settle(isSame ? before : { ...before, reached, cleared }, time, waits);
}

/** Time has passed without a sample: what was waited for may be over. */
export function onTime(state: AlertState, now: number, waits: Waits): AlertState {
  return state.status === 'ok' || state.detail !== undefined ? state : settle(state, now, waits);
}

/** What the step from one state to the next means for those who watch. */
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

/** `ok` while it is pending. */
export function shownLevel(state: AlertState): Level {
  return isShown(state) ? state.level : 'ok';
}

/** Data is back: what nobody has measured ends at once, without being held. */
function heardAgain(state: AlertState, held: Level): AlertState {
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

/** Time that was spent at a higher level counts for the lower ones. */
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

/** One sample is enough only where nothing has to be waited for. */
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

/** The lowest level is reached whenever another one is. */
function earliest(reached: AlertState['reached']): number | undefined {
  return reached[ALERT_LEVELS[0]]?.since;
}

function isEmpty(reached: AlertState['reached']): boolean {
  return reached.info === undefined;
}

/** For readers of stored states. */
export const STATUSES = ['ok', 'pending', 'firing', 'recovering'] as const satisfies readonly AlertState['status'][];
