/** Transitions without a sample: missing data, a restart, an edited rule, a clock jump. Pure. */
import { ALERT_LEVELS, rank, type AlertLevel, type Level } from '../../plugin/notification.ts';

import { isShown, OK, type AlertState, type Since, type Waits } from './alert-state.ts';

/** After a longer downtime, pending alerts start over. */
const MAX_DOWNTIME_MS = 3_600_000;

/** Data is missing, and the rule fires on that. It is the same alert as for bad values. */
export function onNoData(state: AlertState, now: number, level: AlertLevel): AlertState {
  if (isShown(state) && rank(state.level) >= rank(level)) return state;
  const peak = rank(state.peak) > rank(level) ? state.peak : level;
  const noData = { status: 'firing', level, peak, reached: {}, cleared: {}, detail: 'no_data' } as const;
  return isShown(state) ? { ...state, ...noData } : { ...OK, ...noData, startsAt: now, activeAt: now };
}

/**
 * The state after a restart: firing alerts keep firing, and downtime counts neither for `for` nor for `keepFiringFor`.
 *
 * @param downtime ms; negative if the clock was set back meanwhile
 */
export function restored(state: AlertState, downtime: number): AlertState {
  const isTooLong = downtime > MAX_DOWNTIME_MS;
  if (!isShown(state)) return isTooLong || state.status === 'ok' ? OK : { ...state, ...later(state, downtime) };
  return { ...state, ...later(state, downtime), ...(isTooLong ? { reached: {} } : {}), activeAt: state.activeAt };
}

/** The clock jumped (suspend, a correction): nothing was observed in between, so `for` and `keepFiringFor` restart. */
export function afterClockJump(state: AlertState): AlertState {
  if (!isShown(state)) return OK;
  return { ...state, status: 'firing', reached: {}, cleared: {} };
}

/** The rule has new times or levels: a firing alert that has not yet lasted for the new `for` goes back to pending. */
export function onRuleEdited(state: AlertState, now: number, { for: waits }: Waits): AlertState {
  if (!isShown(state) || state.detail !== undefined) return state;
  const isOldEnough = (level: AlertLevel) => {
    const wait = waits[level];
    const since = state.reached[level]?.since ?? state.activeAt ?? now;
    return wait !== undefined && rank(level) <= rank(state.level) && now - since >= wait;
  };
  const level: Level = ALERT_LEVELS.findLast(isOldEnough) ?? 'ok';
  if (level === state.level) return state;
  if (level !== 'ok') return { ...state, status: 'firing', level, cleared: {} };
  const reached = ALERT_LEVELS.findLast((each) => state.reached[each] !== undefined);
  if (reached === undefined) return OK;
  return { ...OK, status: 'pending', level: reached, activeAt: state.activeAt, reached: state.reached };
}

function later(state: AlertState, ms: number): Pick<AlertState, 'reached' | 'cleared' | 'activeAt'> {
  const reached = Object.fromEntries(
    Object.entries(state.reached).map(([level, { since, samples }]) => [level, { since: since + ms, samples }]),
  );
  const cleared: Since = Object.fromEntries(Object.entries(state.cleared).map(([level, since]) => [level, since + ms]));
  return { reached, cleared, activeAt: state.activeAt === undefined ? undefined : state.activeAt + ms };
}
