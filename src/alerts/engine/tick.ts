/** What the passing of time does to alerts: `for` and `keepFiringFor` elapse, series are missed, the clock jumps. */
import type { Instant } from '../../core/clock.ts';
import type { NoData, Rule, SeriesGone } from '../rules/rule.ts';
import { OK, onTime } from '../state/alert-state.ts';
import { shifted } from '../state/flapping.ts';
import { afterClockJump, onNoData } from '../state/lifecycle.ts';

import { isUnknown, type IsAway } from './away.ts';
import { hasDeparted } from './departure.ts';
import type { Faults } from './faults.ts';
import type { Instance } from './instance.ts';
import type { Instances } from './instances.ts';
import type { Samples } from './samples.ts';
import { isLate, type Transitions } from './transitions.ts';

export interface TickOptions {
  readonly instances: Instances;
  readonly transitions: Transitions;
  readonly samples: Samples;
  readonly faults: Faults;
  readonly isAway: IsAway;
}

/** Samples of several series that make one verdict arrive within this time, ms. */
const GATHER_MS = 500;
/** How long a silent alert that is ok is kept, ms; at least until its silence has been judged. */
const FORGET_MS = 3_600_000;
/** Smaller corrections of the clock do not matter for alerts, ms. */
const JUMP_MS = 60_000;

/** Time between ticks while something waits, ms. */
export const TICK_MS = 1000;
/** Otherwise, ms: a tick then only notices silence. */
const IDLE_TICK_MS = 10_000;
/** How long after a freeze a series may take to report before it counts as silent, ms. */
const WAKE_MS = 60_000;

/** @param canMiss whether silence counts; not right after the start */
export function tickInstance(options: TickOptions, instance: Instance, now: Instant, canMiss: boolean): void {
  const { transitions, samples, faults } = options;
  try {
    if (instance.due !== undefined && now.elapsed - instance.due.since >= GATHER_MS) samples.judgeDue(instance, now);
    if (instance.state !== OK) applyTime(options, instance, now);
    if (instance.flap.changes.length > 0) transitions.endFlapping(instance, now);
    transitions.saveLate(instance, now);
    if (canMiss) miss(options, instance, now);
  } catch (error) {
    faults.failed(instance.rule, error, now);
  }
}

/** Ends an alert and forgets it. */
export function dropInstance(
  { instances, transitions }: Pick<TickOptions, 'instances' | 'transitions'>,
  instance: Instance,
  detail: string,
  now: Instant,
): void {
  transitions.end(instance, detail, now);
  instances.drop(instance);
}

/**
 * @returns by how much the wall clock moved against the monotonic one, ms, because it was set or the machine was suspended;
 *   undefined for small corrections
 */
export function clockJump(before: Instant, after: Instant): number | undefined {
  const jump = after.wall - after.elapsed - (before.wall - before.elapsed);
  return Math.abs(jump) > JUMP_MS ? jump : undefined;
}

/** The engine observed nothing during the jump, so everything that waits starts over. */
export function restartAll({ instances, transitions }: TickOptions, jump: number, now: Instant): void {
  for (const instance of instances.all()) {
    instance.restart(now.elapsed);
    instance.cadence.reset();
    for (const feed of instance.feeds) feed.time = -Infinity;
    instance.flap = shifted(instance.flap, jump);
    const next = afterClockJump(instance.state);
    if (next !== instance.state) transitions.apply(instance, next, { at: now.wall }, now);
  }
}

/**
 * Time for which the agent was frozen does not count as silence. A gather that was due meanwhile runs now, so a series is
 * not missed before it had the time for that: three of its intervals, at most a minute; once until it reports, so that an
 * agent which is starved all the time still notices silence.
 *
 * @param late how long the agent was frozen, ms
 */
export function afterFreeze(instance: Instance, late: number, { elapsed }: Instant): void {
  const { noData } = instance.rule;
  const wait = Math.min(instance.cadence.tolerance, WAKE_MS);
  const earliest = instance.sampledAt > instance.excusedAt ? elapsed - noData.after + wait : -Infinity;
  instance.heardAt = Math.min(elapsed, instance.heardAt + late);
  instance.informedAt = Math.min(elapsed, Math.max(instance.informedAt + late, earliest));
  instance.excusedAt = elapsed;
}

/** Silence is noticed at most a tenth of its time late, or a second. */
export function idleTickOf(rules: readonly Rule[]): number {
  const silences = rules.map(({ noData, seriesGone }) => Math.min(noData.after, seriesGone.after) / 10);
  return Math.max(TICK_MS, Math.min(IDLE_TICK_MS, ...silences));
}

/** Not after a gap in its samples, during which the value is unknown. */
function applyTime({ transitions }: TickOptions, instance: Instance, now: Instant): void {
  const { timing } = instance.rule;
  const time = instance.sampleTimeAt(now.elapsed);
  if (time === undefined || instance.cadence.isBroken(time, timing.maxGap)) return;
  const next = onTime(instance.state, time, timing);
  if (next !== instance.state) transitions.apply(instance, next, { at: time, isLate: isLate(time, now) }, now);
}

function miss(options: TickOptions, instance: Instance, now: Instant): void {
  const { departed, heardAt, informedAt, source, rule } = instance;
  if (departed !== undefined) {
    if (hasDeparted(instance, now.elapsed)) dropInstance(options, instance, departed.reason, now);
    return;
  }
  const heard = { heardAt, informedAt, othersAt: source.heardAt };
  const kind = absence(heard, now.elapsed, rule.seriesGone, rule.noData);
  if (kind !== undefined && isUnknown(instance, now.elapsed, options.isAway)) return;
  if (kind === 'series_gone' && rule.seriesGone.action === 'resolve') dropInstance(options, instance, kind, now);
  else if (kind === 'no_data' && rule.noData.action !== 'keep') applyNoData(options, instance, now);
  else if (instance.isBlank && now.elapsed - heardAt >= forgetAfter(rule)) options.instances.drop(instance);
}

interface Heard {
  /** Last sample of the series. */
  readonly heardAt: number;
  /** Last verdict. */
  readonly informedAt: number;
  /** Last sample of any series of the same measurement and host. */
  readonly othersAt: number;
}

/**
 * A series that is silent alone, or for too long, is gone. One that is silent with all others, or has no usable values, is
 * missing data. Times are by the clock's `elapsed`.
 */
function absence(
  { heardAt, informedAt, othersAt }: Heard,
  elapsed: number,
  gone: SeriesGone,
  noData: NoData,
): 'series_gone' | 'no_data' | undefined {
  if (!gone.isAlone && elapsed - heardAt >= gone.after) return 'series_gone';
  // The others went on for so long that the order within one gather does not matter.
  const isLeftBehind = gone.isAlone && othersAt - heardAt >= Math.min(gone.after, noData.after) / 2;
  if (isLeftBehind) return elapsed - heardAt >= gone.after ? 'series_gone' : undefined;
  return elapsed - informedAt >= noData.after ? 'no_data' : undefined;
}

function applyNoData({ transitions }: TickOptions, instance: Instance, now: Instant): void {
  const { action, level } = instance.rule.noData;
  const at = now.wall;
  const next = action === 'ok' ? OK : onNoData(instance.state, at, level);
  if (next === instance.state) return;
  transitions.apply(instance, next, action === 'ok' ? { at, detail: 'no_data' } : { at }, now);
}

function forgetAfter({ noData }: Rule): number {
  return noData.action === 'keep' ? FORGET_MS : FORGET_MS + noData.after;
}
